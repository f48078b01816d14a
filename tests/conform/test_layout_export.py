"""Exports as people download them: titles, totals, currencies and languages in headers."""

from __future__ import annotations

import csv

import pytest

from kvitto.errors import NeedsAnswer
from tests.conform.conftest import Desk

GOOGLE = (
    "Campaign report\n"
    '"September 1, 2025 - September 30, 2025"\n'
    "Campaign,Campaign state,Campaign type,Day,Currency code,Clicks,Impr.,CTR,Avg. CPC,Cost,"
    "Conversions,Conv. value,Search impr. share\n"
    'Brand,Enabled,Search,2025-09-01,EUR,10,"1,200",0.83%,1.00,"1,010.50",2.00,300.00,< 10%\n'
    "Generic,Paused,Search,2025-09-01,EUR,5,800,0.63%,2.00,10.00, --, --, --\n"
    'Total: Campaigns, --, --, --, --,15,"2,000",0.75%,1.36,"{total}",2.00,300.00, --\n'
    'Total: Account, --, --, --, --,15,"2,000",0.75%,1.36,"{total}",2.00,300.00, --\n'
)


def spend(desk: Desk) -> list[tuple[object, ...]]:
    return desk.ask(
        "SELECT CAST(spend_on AS VARCHAR), platform, c.name, CAST(spend AS VARCHAR), clicks,"
        " s.currency_code FROM ad_spend AS s LEFT JOIN campaigns AS c USING (campaign_id)"
        " ORDER BY spend_on, c.name"
    )


def test_google_s_title_and_totals_are_not_records(desk: Desk) -> None:
    desk.put("report.csv", GOOGLE.format(total="1,020.50"))
    desk.sync(name="ads")
    assert spend(desk) == [
        ("2025-09-01", "google_ads", "Brand", "1010.5000", 10, "EUR"),
        ("2025-09-01", "google_ads", "Generic", "10.0000", 5, "EUR"),
    ]
    assert desk.finding("totals_row").rows == 2
    assert "total_differs" not in desk.codes
    assert (desk.report.rows_in, desk.report.left_out) == (4, 2)


def test_a_total_that_does_not_agree_is_a_finding(desk: Desk) -> None:
    desk.put("report.csv", GOOGLE.format(total="1,500.00"))
    desk.sync(name="ads")
    assert "'Cost' adds up to 1020.5, not 1500" in desk.finding("total_differs").message


def test_google_s_wide_text_with_tabs_is_read(desk: Desk) -> None:
    rows = csv.reader(GOOGLE.format(total="1,020.50").splitlines())
    path = desk.root / "in" / "report.csv"
    path.parent.mkdir()
    path.write_bytes("\n".join("\t".join(row) for row in rows).encode("utf-16"))
    desk.sync(name="ads")
    assert [row[2:4] for row in spend(desk)] == [("Brand", "1010.5000"), ("Generic", "10.0000")]


def test_meta_in_french_has_its_currency_in_the_header_and_a_total_without_a_name(
    desk: Desk,
) -> None:
    desk.put("rates.csv", "date,currency,rate\n2026-01-01,USD,0.5\n")
    desk.put(
        "publicites.csv",
        "Jour;Nom de la campagne;Montant dépensé (USD);Impressions\n"
        "01/08/2026;Été;1 234,56;1000\n13/08/2026;Été;100,00;200\n;;1 334,56;1200\n",
    )
    desk.sync(name="meta", as_of="2026-08-31")
    assert [row[0] for row in spend(desk)] == ["2026-08-01", "2026-08-13"]
    assert [row[3] for row in spend(desk)] == ["1234.5600", "100.0000"]
    assert {row[5] for row in spend(desk)} == {"USD"}
    assert desk.ask("SELECT CAST(sum(spend_base) AS VARCHAR) FROM ad_spend") == [("667.2800",)]
    assert desk.finding("total_row").rows == 1


def test_meta_is_known_in_every_language(desk: Desk) -> None:
    headers = {
        "es": "Inicio del informe,Fin del informe,Día,Nombre de la campaña,Importe gastado (EUR),"
        "Impresiones",
        "sv": "Rapporteringen startar,Dag,Kampanjens namn,Spenderat belopp (EUR),Visningar",
        "fi": "Raportointi alkaa,Päivä,Kampanjan nimi,Käytetty summa (EUR),Näyttökerrat",
        "it": "Inizio report,Giorno,Nome della campagna,Importo speso (EUR),Impression",
        "pt": "Início dos relatórios,Dia,Nome da campanha,Valor usado (EUR),Impressões",
        "de": "Berichtsbeginn,Tag,Kampagnenname,Ausgegebener Betrag (EUR),Impressionen",
        "en": "Reporting starts,Day,Campaign name,Amount spent (EUR),Impressions",
    }
    for language, header in headers.items():
        width = header.count(",") + 1
        desk.put(f"{language}.csv", header + "\n" + ",".join(["2026-01-02"] * width) + "\n")
    found = {file.staged.file: file for file in desk.understand().files}
    assert {file.layout for file in found.values()} == {"meta_ads.campaign_export"}
    assert {file.currency for file in found.values()} == {"EUR"}


ANALYTICS = (
    "# ----------------------------------------\n# Site\n# Traffic acquisition\n"
    "# Start date: 20260501\n# End date: 20260502\n# ----------------------------------------\n\n"
    "Date,Session primary channel group (Default Channel Group),Sessions,Engaged sessions,"
    "Engagement rate,Event count\n"
    "20260501,Organic Search,10,5,0.5,40\n20260502,Direct,4,2,0.5,9\n,,14,7,0.5,49\n"
)


def test_analytics_comments_are_no_rows_and_days_are_compact(desk: Desk) -> None:
    desk.put("traffic.csv", ANALYTICS.replace(",,14,7,0.5,49\n", ""))
    desk.sync(name="web")
    found = desk.ask("SELECT CAST(visited_on AS VARCHAR), channel, sessions FROM web_traffic")
    assert sorted(found) == [("2026-05-01", "Organic Search", 10), ("2026-05-02", "Direct", 4)]


def test_a_grand_total_above_the_rows_is_not_added(desk: Desk) -> None:
    head, rest = ANALYTICS.replace(",,14,7,0.5,49\n", "").split("Event count\n")
    desk.put("traffic.csv", f"{head}Event count\nGrand total,,14,7,0.5,49\n{rest}")
    desk.sync(name="web")
    assert desk.ask("SELECT sum(sessions) FROM web_traffic") == [(14,)]
    assert desk.finding("totals_row").rows == 1


def test_totals_of_a_range_are_set_aside_with_the_reason(desk: Desk) -> None:
    desk.put(
        "channels.csv",
        "# GA4\nSession default channel group,Sessions,Engaged sessions,Event count\n"
        "Direct,5,2,9\nEmail,1,1,2\n",
    )
    desk.sync(name="web")
    assert "the date as a dimension" in desk.finding("file_set_aside").message
    assert (desk.report.rows_in, desk.report.left_out) == (2, 2)


def test_two_tables_in_one_file_are_two_tables(desk: Desk) -> None:
    desk.put(
        "both.csv",
        GOOGLE.format(total="1,020.50")
        + "\n\nBing campaigns\n"
        + "Campaign name,Spend,Impr.,Clicks,Gregorian date\nBrand,7.00,90,3,2025-09-02\n",
    )
    desk.sync(name="ads")
    assert [(row[1], row[3]) for row in spend(desk)] == [
        ("google_ads", "1010.5000"),
        ("google_ads", "10.0000"),
        ("microsoft_ads", "7.0000"),
    ]


def test_only_one_level_of_the_same_spend_is_used(desk: Desk) -> None:
    start = "Reporting starts,Day,Campaign name,"
    desk.put(
        "campaigns.csv", f"{start}Amount spent (EUR),Impressions\n2026-01-01,2026-01-01,A,9,1\n"
    )
    desk.put(
        "adsets.csv",
        f"{start}Ad set name,Amount spent (EUR),Impressions\n2026-01-01,2026-01-01,A,X,9,1\n",
    )
    desk.sync(name="meta")
    assert [row[3] for row in spend(desk)] == ["9.0000"]
    finding = desk.finding("file_set_aside")
    assert "count it twice" in finding.message
    assert finding.rows == 1


def test_hubspot_s_dated_stages_become_history(desk: Desk) -> None:
    desk.put(
        "hubspot-deals.csv",
        "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,"
        '"Date entered ""Offer (Sales)""","Date entered ""Closed Won (Sales)""",'
        '"Date entered ""Customer (Lifecycle Stage Pipeline)"""'
        "\n1,A,Closed Won,Sales,5,2024-02-01,2024-01-05,2024-02-01,2024-03-03\n"
        "2,B,Offer,Sales,6,,2024-01-09,,\n",
    )
    desk.sync()
    found = desk.ask(
        "SELECT deal_id, s.name, CAST(entered_on AS VARCHAR), CAST(left_on AS VARCHAR)"
        " FROM deal_stage_history AS h JOIN stages AS s USING (stage_id) ORDER BY deal_id, seq"
    )
    assert found == [
        ("crm:deal:1", "Offer", "2024-01-05", "2024-02-01"),
        ("crm:deal:1", "Closed Won", "2024-02-01", None),
        ("crm:deal:2", "Offer", "2024-01-09", None),
    ]
    assert (desk.report.rows_in, desk.report.left_out) == (2, 0)


def test_an_export_of_four_hundred_columns_is_recognised(desk: Desk) -> None:
    more = ",".join(f'"Custom ""{number}"" field"' for number in range(420))
    row = "," * 420
    desk.put("all-deals.csv", f"Record ID,Deal Name,Deal Stage,Amount,{more}\n1,A,Won,5{row}\n")
    (file,) = desk.understand().files
    assert file.layout == "hubspot.deal_export"


def test_blanks_of_a_help_desk_and_minutes_to_the_first_reply(desk: Desk) -> None:
    desk.put(
        "Tickets.csv",
        "Ticket ID,Status,Priority,Via,Created at,Solved at,Assignee,Group,Satisfaction Score,"
        "First reply time (min)\n1,Solved,Normal,Mail,2024-01-01 10:00,2024-01-02 10:00,Ann,A,Good,"
        "90\n2,Open,-,Web,2024-01-03 10:00,-,-,A,-,-\n",
    )
    desk.sync(name="desk")
    found = desk.ask(
        "SELECT ticket_id, status, priority, CAST(first_response_at AS VARCHAR) FROM tickets"
        " ORDER BY ticket_id"
    )
    assert found == [
        ("desk:ticket:1", "solved", "normal", "2024-01-01 11:30:00"),
        ("desk:ticket:2", "open", None, None),
    ]
    assert desk.report.made["survey_responses"] == 1


def test_an_audience_s_members_and_their_stay_on_the_list(desk: Desk) -> None:
    desk.put(
        "unsubscribed_members.csv",
        "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LAST_CHANGED,"
        "LEID,EUID,NOTES,TAGS,UNSUB_TIME\na@x.se,Ann,Ek,2,2024-01-01 10:00:00,2024-01-02 10:00:00,"
        '2024-02-01 10:00:00,1,e1,,"""vip"",""new""",2024-02-01 10:00:00\n',
    )
    desk.sync(name="mail")
    assert desk.ask("SELECT email, full_name FROM contacts") == [("a@x.se", "Ann Ek")]
    found = desk.ask("SELECT CAST(unsubscribed_on AS VARCHAR) FROM list_memberships")
    assert found == [("2024-02-01",)]


def test_invoices_in_cents_and_in_another_currency(desk: Desk) -> None:
    desk.put("rates.csv", "date,currency,rate\n2024-01-01,SEK,0.1\n")
    desk.put(
        "invoices.csv",
        "ID,CREATED,CUSTOMER,CURRENCY,AMOUNT_DUE,AMOUNT_PAID,BILLING_REASON,SUBTOTAL,TOTAL,STATUS\n"
        "in_1,2024-02-01,cus_1,sek,125000,125000,manual,100000,125000,paid\n"
        "in_2,2024-02-01,cus_1,eur,5000,0,manual,4000,5000,open\n",
    )
    desk.sync(name="stripe")
    found = desk.ask(
        "SELECT CAST(amount_base AS VARCHAR), status FROM invoices ORDER BY invoice_id"
    )
    assert found == [("100.0000", "paid"), ("40.0000", "open")]


def test_gohighlevel_and_pipedrive_are_told_apart(desk: Desk) -> None:
    desk.put(
        "opportunities.csv",
        "Opportunity ID,Opportunity Name,Contact Name,pipeline,stage,status,source,Lead Value,"
        "Created on,Updated on,lost reason name,Days since last stage change\n"
        "o1,A,Ann,Sales,New,open,web,50,2024-01-01,2024-01-02,,3\n",
    )
    desk.put(
        "deals.csv",
        "Deal - Title,Deal - ID,Deal - Value,Deal - Currency of value,Deal - Stage,Deal - Status,"
        "Deal - Owner,Deal - Lost reason,Organization - Name\nA,7,10,EUR,New,Open,Ann,,Acme\n",
    )
    found = {file.staged.file: file.layout for file in desk.understand().files}
    assert found == {
        "opportunities.csv": "gohighlevel.opportunity",
        "deals.csv": "pipedrive.deal_export",
    }


def test_a_file_that_two_tools_could_have_made_is_a_question(desk: Desk) -> None:
    desk.put("survey.csv", "Response ID,Email,Score,Comment,Date\n1,a@x.se,9,Good,2024-01-01\n")
    assert [one.asked for one in desk.understand().questions] == ["recognise survey.csv"]
    with pytest.raises(NeedsAnswer, match="layout: "):
        desk.sync()
    desk.sync(tables=[{"file": "survey.csv", "layout": "survey.nps_export"}])
    assert desk.ask("SELECT survey_kind, scale_max FROM survey_responses") == [("nps", 10)]


def test_a_single_thousand_of_a_report_is_not_lost_in_wide_text_either(desk: Desk) -> None:
    rows = [f"A,Enabled,2025-09-{day:02},EUR,{day},{day * 7},1.00" for day in range(1, 29)]
    text = "Campaign,Campaign state,Day,Currency code,Clicks,Impr.,Cost\n" + "\n".join(
        [*rows, 'B,Enabled,2025-09-01,EUR,"1,331","21,000","1,000.00"']
    )
    path = desk.root / "in" / "google ads.csv"
    path.parent.mkdir()
    for encoding in ("utf-8", "utf-16"):
        parsed = csv.reader(text.splitlines())
        wide = "\n".join("\t".join(row) for row in parsed)
        path.write_bytes((text if encoding == "utf-8" else wide).encode(encoding))
        desk.sync(name="ads")
        found = desk.ask("SELECT max(clicks), max(impressions), count(clicks) FROM ad_spend")
        assert found == [(1331, 21000, 29)]
        assert "unreadable_value" not in desk.codes
