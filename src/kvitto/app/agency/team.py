"""The agency's own people, who work for all clients."""

from __future__ import annotations

from kvitto.app.agency.profile import Staff

AGENCY = "Norrsken & Vänner"
ELIN = Staff("Elin Sandberg", "elin.sandberg@norrsken.example")
JONAS = Staff("Jonas Lindqvist", "jonas.lindqvist@norrsken.example")
AINO = Staff("Aino Hämäläinen", "aino.hamalainen@norrsken.example")
GIULIA = Staff("Giulia D'Amico", "giulia.damico@norrsken.example")
TIAGO = Staff("Tiago Gonçalves", "tiago.goncalves@norrsken.example")
NIAMH = Staff("Niamh O'Connell", "niamh.oconnell@norrsken.example")
