"""Templates to pages. All templates are compiled once, when the app is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from kvitto.web import moment
from kvitto.web.asset import Assets, VegaBundle
from kvitto.web.notice import drop_notice, read_notice
from kvitto.web.session import FIELD, Visitor
from kvitto.web.view import label, receipt, review, sentence, trend
from kvitto.web.words import other_languages, say, spoken


@dataclass(frozen=True, slots=True)
class Pages:
    """The environment of the templates. Every value is escaped, whatever the file's name."""

    environment: Environment

    def show(
        self, request: Request, template: str, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """One page, with what every page needs: the visitor, the notice, the address."""
        notice = read_notice(request)
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        body = self.environment.get_template(template).render(
            visitor=visitor,
            notice=notice,
            here=request.url.path,
            form_token=visitor.form_token if visitor is not None else "",
            **context,
        )
        response = HTMLResponse(body, status)
        if notice is not None:
            drop_notice(response)
        return response


def load_pages(assets: Assets, vega: VegaBundle, agency: str) -> Pages:
    """Compile all templates of the package."""
    environment = Environment(
        loader=PackageLoader("kvitto.web", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        t=say,
        language=spoken,
        other_languages=other_languages,
        asset=assets.address,
        vega_address=vega.address,
        agency=agency,
        form_field=FIELD,
        cut=sentence.cut,
        paragraphs=sentence.paragraphs,
        anchor=sentence.anchor,
        troubles_of=sentence.troubles_of,
        draw=trend.draw,
    )
    environment.filters["moment"] = moment.show
    environment.filters["day"] = moment.show_day
    environment.filters["plain"] = receipt.plain
    environment.filters["part"] = receipt.part_name
    for name in ("table_name", "title_of", "titles", "per_cent"):
        environment.filters[name] = getattr(review, name)
    environment.filters["concept_name"] = label.concept_name
    environment.tests["weblink"] = _is_web_link
    for name in environment.list_templates():
        environment.get_template(name)
    return Pages(environment)


def _is_web_link(link: str | None) -> bool:
    """Links out of a client's file lead to a web page or are not links."""
    return bool(link) and str(link).startswith(("https://", "http://"))
