"""Ids, names that stand for ids, and records that are known only by name."""

from __future__ import annotations

from tests.conform.conftest import Desk


def test_ids_say_source_and_object(desk: Desk) -> None:
    desk.put("deals.csv", "id,company\n007,12\n")
    desk.put("accounts.csv", "id,name\n12,Acme\n")
    desk.sync(
        {
            "deals.csv": {"deals": {"deal_id": "id", "account_id": "company"}},
            "accounts.csv": {"accounts": {"account_id": "id", "name": "name"}},
        }
    )
    assert desk.ask("SELECT deal_id, account_id, _source, _source_id FROM deals") == [
        ("crm:deal:007", "crm:account:12", "crm", "007")
    ]


def test_a_name_finds_its_record(desk: Desk) -> None:
    desk.put("deals.csv", "id,company\n1,ACME \n2,12\n3,Nobody\n4,Twin\n")
    desk.put("accounts.csv", "id,name\n12,Acme\n13,Twin\n14,Twin\n")
    desk.sync(
        {
            "deals.csv": {"deals": {"deal_id": "id", "account_id": "company"}},
            "accounts.csv": {"accounts": {"account_id": "id", "name": "name"}},
        }
    )
    assert [row[0] for row in desk.ask("SELECT account_id FROM deals ORDER BY deal_id")] == [
        "crm:account:12",
        "crm:account:12",
        "crm:account:Nobody",
        "crm:account:Twin",
    ]


def test_managers_and_teams_known_by_name_become_records(desk: Desk) -> None:
    desk.put("reps.csv", "rep,boss,office\nBo,Eva,North\nEva,,North\nIda,Max,South\n")
    fill = {"user_id": "rep", "name": "rep", "manager_id": "boss", "team_id": "office"}
    desk.sync({"reps.csv": {"users": fill}})
    assert desk.ask("SELECT user_id, name FROM users ORDER BY 1") == [
        ("crm:user:Bo", "Bo"),
        ("crm:user:Eva", "Eva"),
        ("crm:user:Ida", "Ida"),
        ("crm:user:Max", "Max"),
    ]
    assert desk.ask("SELECT name FROM teams ORDER BY 1") == [("North",), ("South",)]
    assert desk.report.made == {"users": 1, "teams": 2}


def test_a_stranger_among_listed_accounts_is_left_to_the_audit(desk: Desk) -> None:
    desk.put("deals.csv", "id,company,rep\n1,Nobody,Bo\n")
    desk.put("accounts.csv", "name\nAcme\n")
    desk.sync(
        {
            "deals.csv": {"deals": {"deal_id": "id", "account_id": "company", "owner_id": "rep"}},
            "accounts.csv": {"accounts": {"account_id": "name", "name": "name"}},
        }
    )
    assert desk.ask("SELECT name FROM accounts") == [("Acme",)]
    assert desk.ask("SELECT name FROM users") == [("Bo",)]


def test_one_file_may_fill_two_tables(desk: Desk) -> None:
    desk.put("deals.csv", "id,company,sector\n1,Acme,Steel\n2,Acme,Steel\n3,Bolt,Wood\n")
    desk.sync(
        {
            "deals.csv": {
                "deals": {"deal_id": "id", "account_id": "company", "product": "sector"},
                "accounts": {"account_id": "company", "industry": "sector"},
            }
        }
    )
    assert desk.ask("SELECT account_id, industry FROM accounts ORDER BY 1") == [
        ("crm:account:Acme", "Steel"),
        ("crm:account:Bolt", "Wood"),
    ]
    assert desk.report.rows == {"deals": 3}


def test_two_files_may_fill_one_table(desk: Desk) -> None:
    desk.put("north.csv", "id,amount\n1,5\n")
    desk.put("south.csv", "id,amount\n2,6\n3,x\n")
    fill = {"deals": {"deal_id": "id", "amount": "amount"}}
    desk.sync({"north.csv": fill, "south.csv": fill})
    assert desk.report.rows == {"deals": 3}
    assert [f.rows for f in desk.report.findings if f.code == "unreadable_value"] == [1]


def test_two_sources_of_one_client_stand_side_by_side(desk: Desk) -> None:
    desk.put("deals.csv", "id\n1\n")
    fill = {"deals.csv": {"deals": {"deal_id": "id"}}}
    desk.sync(fill, name="crm")
    desk.sync(fill, name="shop")
    desk.put("deals.csv", "id\n2\n")
    version = desk.sync(fill, name="crm")
    assert desk.ask("SELECT deal_id FROM deals ORDER BY 1") == [
        ("crm:deal:2",),
        ("shop:deal:1",),
    ]
    assert [state.name for state in version.sources] == ["crm", "shop"]


def test_campaigns_of_two_platforms_in_one_source_are_told_apart(desk: Desk) -> None:
    desk.put(
        "google.csv",
        "Campaign report\nCampaign,Campaign ID,Campaign state,Day,Clicks,Impr.,Cost\n"
        "Brand,1,Enabled,2025-09-01,10,100,5.00\n",
    )
    desk.put(
        "bing.csv",
        "Campaign name,Campaign ID,Spend,Impr.,Clicks,Gregorian date\n"
        "Brand,1,7.00,90,3,2025-09-02\n",
    )
    desk.sync(name="ads")
    found = desk.ask(
        "SELECT campaign_id, c.name, CAST(spend AS VARCHAR) FROM ad_spend"
        " LEFT JOIN campaigns AS c USING (campaign_id) ORDER BY 1"
    )
    assert found == [
        ("ads:campaign:google_ads/1", "Brand", "5.0000"),
        ("ads:campaign:microsoft_ads/1", "Brand", "7.0000"),
    ]


def test_a_list_has_one_id_in_memberships_and_sendings(desk: Desk) -> None:
    desk.put("members.csv", "list,contact,since\n7,1,2024-01-01\n")
    desk.put("sends.csv", "id,list,contact\n9,7,1\n")
    desk.sync(
        {
            "members.csv": {
                "list_memberships": {
                    "list_id": "list",
                    "contact_id": "contact",
                    "subscribed_at": "since",
                }
            },
            "sends.csv": {
                "email_sends": {"send_id": "id", "list_id": "list", "contact_id": "contact"}
            },
        }
    )
    found = desk.ask("SELECT list_id FROM list_memberships JOIN email_sends USING (list_id)")
    assert found == [("crm:list:7",)]
