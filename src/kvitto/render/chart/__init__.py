"""Charts: data to a Vega-Lite specification, and that to SVG and PNG."""
