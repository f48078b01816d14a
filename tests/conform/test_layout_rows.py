"""The layout tables themselves, and which rows of a recognised file are records."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvitto.conform.layout import LEVELS, header_of, layouts, rows_of, vendors
from kvitto.model.table import canonical_tables
from tests.conform.conftest import DEALS, Desk


def test_the_tables_name_only_vendors_tables_columns_and_levels_that_exist() -> None:
    known = {layout.id for layout in layouts()}
    for layout in layouts():
        assert layout.vendor in vendors()
        assert layout.level in ("", *LEVELS)
        assert layout.parts or layout.aside
        assert layout.requires
        assert all(f"{layout.vendor}.{other}" in known for other in layout.over)
    for row in rows_of("layout_columns.csv"):
        for name in filter(None, row["layout"].split("|")):
            assert f"{row['vendor']}.{name}" in known
        if not row["column"].startswith("*"):
            assert canonical_tables()[row["table"]].column(row["column"])


def test_every_look_up_names_a_layout_of_its_vendor() -> None:
    known = {layout.id for layout in layouts()}
    for row in rows_of("layout_columns.csv"):
        if row["headers"].startswith("@"):
            assert f"{row['vendor']}.{row['headers'][1:].split('.')[0]}" in known


def test_a_header_is_compared_without_its_quotes_its_currency_and_property() -> None:
    assert header_of("Amount spent (SEK)").currency == "SEK"
    assert "amount spent" in header_of("Amount spent (SEK)").forms
    assert "dealname" in header_of("property_dealname").forms
    assert "tag" in header_of('"TAG"').forms
    assert header_of("Conversions (all)").currency is None


HUBSPOT = (
    "id,_fivetran_deleted,_fivetran_synced,property_email,property_firstname,property_lastname\n"
)


def test_a_deleted_record_is_marked_where_the_table_has_a_mark(desk: Desk) -> None:
    desk.put("contact.csv", f"{HUBSPOT}1,false,x,a@x.se,A,B\n2,true,x,b@x.se,C,D\n")
    desk.sync(name="hubspot")
    found = desk.ask("SELECT full_name, is_deleted FROM contacts ORDER BY contact_id")
    assert found == [("A B", False), ("C D", True)]


def test_a_deleted_record_is_left_out_and_counted_where_it_has_none(desk: Desk) -> None:
    desk.put(
        "contact_list_member.csv",
        "contact_id,contact_list_id,_fivetran_deleted,added_at\n"
        "1,9,false,2024-01-01\n2,9,true,2024-01-01\n",
    )
    desk.sync(name="hubspot")
    assert desk.ask("SELECT count(*) FROM list_memberships") == [(1,)]
    assert desk.finding("rows_deleted").rows == 1
    assert (desk.report.rows_in, desk.report.left_out) == (2, 1)


CONVERSATION = (
    "id,updated_at,created_at,state,source_type,assignee_id,waiting_since,"
    "conversation_rating_value,conversation_rating_remark,_fivetran_active\n"
)


def test_only_the_active_state_of_a_record_counts(desk: Desk) -> None:
    desk.put(
        "conversation_history.csv",
        f"{CONVERSATION}1,2024-01-02,2024-01-01,open,chat,7,,,,false\n"
        "1,2024-01-03,2024-01-01,closed,chat,7,,5,Thanks,true\n",
    )
    desk.sync(name="intercom")
    assert desk.ask("SELECT status FROM tickets") == [("closed",)]
    assert desk.finding("rows_superseded").rows == 1
    found = desk.ask("SELECT score, scale_max, comment FROM survey_responses")
    assert [(int(score), most, comment) for score, most, comment in found] == [(5, 5, "Thanks")]


def test_a_ticket_s_stays_end_where_the_next_begins(desk: Desk) -> None:
    desk.put(
        "ticket_field_history.csv",
        "field_name,ticket_id,updated,user_id,value\n"
        "status,1,2024-01-01 10:00:00,,new\npriority,1,2024-01-01 11:00:00,,high\n"
        "status,1,2024-01-02 10:00:00,5,hold\n",
    )
    desk.sync(name="zendesk")
    found = desk.ask(
        "SELECT status, CAST(left_on AS VARCHAR) FROM ticket_status_history ORDER BY entered_at"
    )
    assert found == [("new", "2024-01-02"), ("on_hold", None)]
    assert "other fields than the status" in desk.finding("rows_not_used").message


def test_micros_become_units_and_a_link_file_gives_the_campaign(desk: Desk) -> None:
    desk.put(
        "snapchat_ad_squad_report.csv",
        "ad_squad_id,date,impressions,spend,swipes\nq1,2024-01-01 05:00:00,10,1353000,2\n",
    )
    desk.put("snapchat_ad_squad_history.csv", "id,campaign_id,name,_fivetran_synced\nq1,c9,Q,x\n")
    desk.sync(name="snapchat")
    found = desk.ask("SELECT CAST(spend AS VARCHAR), campaign_id, ad_group FROM ad_spend")
    assert found == [("1.3530", "snapchat:campaign:c9", "q1")]


def test_a_file_of_which_nothing_is_known_is_counted_beside_others(desk: Desk) -> None:
    desk.put("deals.csv", "deal id,stage,amount\n1,Won,5\n")
    desk.put("weather.csv", "humidity,wind\n1,2\n3,4\n")
    desk.sync()
    assert desk.finding("file_not_understood").rows == 2
    assert (desk.report.rows_in, desk.report.left_out) == (3, 2)


def test_a_file_without_a_header_keeps_its_first_row(desk: Desk) -> None:
    desk.put(
        "quota.csv",
        "1|272|20101229|2010|28000.0\n2|281|20101229|2010|367000.0\n3|282|20110101|2011|1.0\n",
    )
    fill = {"goals": {"goal_id": "column_1", "owner_id": "column_2", "target_value": "column_5"}}
    desk.sync({"quota.csv": fill})
    assert desk.ask("SELECT count(*), CAST(sum(target_value) AS BIGINT) FROM goals") == [
        (3, 395001)
    ]
    assert "no_header" in desk.codes


def test_years_as_headers_are_a_header(desk: Desk) -> None:
    desk.put("deals.csv", "id,2016,2017,2018\n1,5,6,7\n2,8,9,1\n3,1,1,1\n")
    desk.sync({"deals.csv": {"deals": {"deal_id": "id", "amount": "2016"}}})
    assert desk.ask("SELECT count(*) FROM deals") == [(3,)]


def test_a_told_file_is_not_compared_with_layouts(desk: Desk) -> None:
    desk.put("opportunity.csv", "id,stage,amount,created,closed\n1,Won,5,2024-01-01,2024-02-01\n")
    (file,) = desk.understand({"opportunity.csv": DEALS}).files
    assert file.layout is None
    assert {fill.how for fill in file.fills} == {"told"}


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(("1", "2", "3")),
            st.sampled_from(("true", "false", "")),
            st.sampled_from(("open", "closed", "snoozed")),
            st.sampled_from(("", "1", "5")),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_row_is_a_record_or_set_aside(
    desk: Desk, rows: list[tuple[str, str, str, str]]
) -> None:
    body = "".join(
        f"{key},2024-01-{day:02},2024-01-01,{state},chat,7,,{rating},,{active}\n"
        for day, (key, active, state, rating) in enumerate(rows, start=1)
    )
    desk.put("conversation_history.csv", CONVERSATION + body)
    understanding = desk.understand(None, vendor="intercom")
    kept = sum(file.staged.rows for file in understanding.files if not file.derived)
    assert kept + understanding.set_aside == len(rows)


def test_a_layout_that_does_not_exist_is_asked_about(desk: Desk) -> None:
    desk.put("x.csv", "id,name\n1,A\n")
    told = [{"file": "x.csv", "layout": "hubspot.teem"}]
    (question,) = desk.understand(tables=told).questions
    assert "hubspot.team" in question.todo


def test_of_two_plain_files_each_is_what_it_is_called(desk: Desk) -> None:
    desk.put("tag.csv", "id,_fivetran_deleted,name\n1,false,vip\n")
    desk.put("team.csv", "id,name,_fivetran_deleted\n1,A,false\n")
    found = {file.staged.file: file.layout for file in desk.understand(vendor="intercom").files}
    assert found == {"tag.csv": "intercom.tag", "team.csv": "intercom.team"}


MAILING = (
    "Title,Subject,List,Send Date,Send Weekday,Total Recipients,Successful Deliveries,"
    "Total Bounces,Unique Opens,Open Rate,Total Opens,Unique Clicks,Total Clicks,Unsubscribes,"
    "Abuse Complaints,Unique Id\n"
)


def test_a_report_of_mailings_gives_their_figures(desk: Desk) -> None:
    desk.put(
        "Mailchimp campaigns.csv",
        f'{MAILING}May,Hi,Main,"May 02, 2024 10:00 am",Thursday,"1,000",990,10,300,30.3%,450,50,70,'
        "3,0,ab1\n",
    )
    desk.sync(name="mail")
    found = desk.ask(
        "SELECT c.name, CAST(sent_on AS VARCHAR), sent, delivered, opens, unique_opens, clicks,"
        " unique_clicks, bounces, unsubscribes, complaints"
        " FROM mail_figures JOIN campaigns AS c USING (campaign_id)"
    )
    assert found == [("May", "2024-05-02", 1000, 990, 450, 300, 70, 50, 10, 3, 0)]
    assert (desk.report.rows_in, desk.report.made["mail_figures"]) == (1, 1)


CHANGES = (
    "deal_id,timestamp,source,name,source_id,value\n"
    "1,2024-01-01 10:00:00,CRM,dealstage,u,New\n1,2024-01-05 10:00:00,CRM,dealstage,u,Won\n"
    "1,2024-01-05 10:00:00,CRM,amount,u,5\n"
)
STAGED = "deal_id,date_entered,value,source_id\n1,2024-01-02 10:00:00,New,u\n"
DEALS_THEN = "deal_id,property_dealname,property_dealstage,property_amount,portal_id\n1,A,Won,5,7\n"


def test_changes_of_a_deal_s_stage_are_its_history(desk: Desk) -> None:
    desk.put("deal.csv", DEALS_THEN)
    desk.put("deal_property_history.csv", CHANGES)
    desk.sync(name="hubspot")
    found = desk.ask(
        "SELECT s.name, CAST(entered_on AS VARCHAR) FROM deal_stage_history"
        " JOIN stages AS s USING (stage_id) ORDER BY seq"
    )
    assert found == [("New", "2024-01-01"), ("Won", "2024-01-05")]
    assert (desk.report.rows["deal_field_history"], desk.report.left_out) == (3, 0)


def test_a_better_history_of_stages_counts_alone(desk: Desk) -> None:
    desk.put("deal.csv", DEALS_THEN)
    desk.put("deal_property_history.csv", CHANGES)
    desk.put("deal_stage.csv", STAGED)
    desk.sync(name="hubspot")
    found = desk.ask("SELECT CAST(entered_on AS VARCHAR) FROM deal_stage_history")
    assert found == [("2024-01-02",)]


def test_reports_of_a_range_say_which_report_has_days(desk: Desk) -> None:
    reports = {
        "google ads.csv": "Campaign,Campaign state,Clicks,Impr.,CTR,Cost\nA,Enabled,1,2,3%,4\n",
        "meta.csv": "Campaign name,Amount spent (EUR),Impressions,Reach\nA,9,1,1\n",
        "bing.csv": "Campaign,Clicks,Impr.,CTR,Spend\nA,9,1,1,3\n",
        "linkedin.csv": "Campaign Name,Total Spent,Impressions,Clicks\nA,9,1,1\n",
        "tiktok.csv": "Campaign name,Cost,Impressions,CPC (destination)\nA,9,1,1\n",
    }
    for name, text in reports.items():
        desk.put(name, text)
    found = desk.understand().findings
    assert [one.code for one in found] == ["file_set_aside"] * 5
    assert all("to have daily spend" in one.message for one in found)
