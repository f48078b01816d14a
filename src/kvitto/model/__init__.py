"""The words of the business: frozen data, no reading and no writing."""
