"""Words of totals, notes and subtotals in the languages that spreadsheets are written in."""

from __future__ import annotations

import re

TOTALS = frozenset(
    (
        *("total", "totals", "grand total", "grandtotal", "sum", "totals total", "sum total"),
        *("overall total", "overall", "report total", "total sum", "all total"),
        *("summa", "totalt", "totalsumma", "summa totalt", "slutsumma", "i alt", "ialt"),
        *("sum totalt", "totalt sum", "total i alt", "yhteensä", "summa yhteensä"),
        *("kaikki yhteensä", "loppusumma", "totale", "totale generale", "totali", "somma"),
        *("totale complessivo", "total geral", "soma", "totais", "total general", "totales"),
        *("suma", "suma total", "gesamt", "gesamtsumme", "gesamtergebnis", "summe", "insgesamt"),
        *("endsumme", "total général", "total generale", "somme", "totaux", "totaal"),
        *("eindtotaal", "totalen", "razem", "suma końcowa", "ogółem", "celkem", "összesen"),
        *("toplam", "genel toplam", "итого", "всего", "общий итог", "合計", "総計", "总计"),
        *("合计", "總計", "합계", "총계", "σύνολο", "kokku", "kopā", "iš viso", "ukupno"),
    )
)
"""What a row of totals is called when it is called nothing else."""

SUBTOTALS = frozenset(
    (
        *("subtotal", "sub total", "subtotals", "delsumma", "deltotal", "delsum", "välisumma"),
        *("subtotale", "parziale", "zwischensumme", "teilsumme", "teilergebnis", "sous total"),
        *("subtotaal", "tussentotaal", "podsuma", "mezisoučet", "подытог", "小計", "小计", "소계"),
        *("subtotales", "subtotais", "soma parcial", "ara toplam", "részösszeg"),
    )
)
"""What a row is called that adds up some of the rows."""

_EDGES = frozenset(
    (
        *("total", "totals", "totalt", "sum", "summa", "yhteensä", "totale", "gesamt", "summe"),
        *("somme", "suma", "soma", "totaal", "razem", "celkem", "toplam", "итого", "всего"),
        *("gesamtergebnis", "zwischensumme", "insgesamt", "összesen", "σύνολο"),
    )
)
"""Words that make a total of a name before or behind them, if the figures agree."""

_BEGINS = frozenset(
    word[:2] for words in (*TOTALS, *SUBTOTALS, *_EDGES) for word in (words, words.split()[-1])
)
_ENDS = frozenset(
    word[-2:] for words in (*TOTALS, *SUBTOTALS, *_EDGES) for word in (words, words.split()[0])
)

_NOTE = re.compile(
    r"[*†‡¹²³]|(?:note|notes|nb|n\.b\.|source|sources|legend|disclaimer|footnote|printed|exported"
    r"|generated|page \d|end of|obs|källa|källor|not:|anm|anmärkning|utskriv|exporterad|skapad"
    r"|sida \d|kilde|lähde|huom|fonte|nota|notas|fuente|quelle|hinweis|anmerkung|seite \d"
    r"|remarque|bron|opmerking|uwaga|źródło)\b",
    re.IGNORECASE,
)


def total_kind(cell: str) -> str:
    """``total``, ``subtotal`` or ``named`` for what a cell calls its row, else nothing.

    ``named`` is a total of something ("North total", "Summa Nord"), which a
    customer may also be called: what it adds up to must tell.
    """
    if not cell or len(cell) > 80 or cell[0].isdigit():
        return ""
    plain = cell.casefold().strip("-–—_*:=.()[]| ")
    if plain[:2] not in _BEGINS and plain[-2:] not in _ENDS:
        # Nearly every cell ends here.
        return ""
    bare = " ".join(re.sub(r"[-–—_*:=.()\[\]|\s]+", " ", cell.casefold()).split())
    if bare in TOTALS:
        return "total"
    if bare in SUBTOTALS:
        return "subtotal"
    words = bare.split(" ")
    for size in (1, 2):
        if " ".join(words[:size]) in SUBTOTALS or " ".join(words[-size:]) in SUBTOTALS:
            return "subtotal"
    if len(words) > 1 and (words[0] in _EDGES or words[-1] in _EDGES):
        return "named"
    return ""


def is_note(text: str) -> bool:
    """Whether a text that stands alone is a remark by the way it begins."""
    return _NOTE.match(text.strip()) is not None
