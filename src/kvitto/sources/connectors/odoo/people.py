"""Who: users, teams, companies and persons, and where leads come from."""

from __future__ import annotations

from dataclasses import replace

from kvitto.sources.connectors.odoo.entity import (
    ACCOUNT,
    Entity,
    changing,
    short,
)

USERS = Entity(
    replace(
        short(
            "users",
            {
                "name": "text",
                "login": "text",
                "email": "text",
                "active": "flag",
                "sale_team_id": "text",
            },
            {
                "users": {
                    "user_id": "id",
                    "name": "name",
                    "email": "email",
                    "team_id": "sale_team_id",
                    "is_active": "active",
                }
            },
            "people who work in this Odoo",
        ),
        optional=False,
    ),
    "res.users",
    (("share", "=", False),),
)

TEAMS = Entity(
    short(
        "teams",
        {"name": "text", "active": "flag", "user_id": "text"},
        {"teams": {"team_id": "id", "name": "name"}},
        "sales teams",
    ),
    "crm.team",
)

ACCOUNTS = Entity(
    changing(
        "accounts",
        {
            "name": "text",
            "website": "text",
            "email": "text",
            "parent_id": "text",
            "industry_id.name": "text",
            "country_code": "text",
            "state_id.name": "text",
            "user_id": "text",
            "active": "flag",
            "create_date": "instant",
        },
        {
            "accounts": {
                "account_id": "id",
                "name": "name",
                "domain": "website",
                "parent_account_id": "parent_id",
                "industry": "industry_id.name",
                "region": "state_id.name",
                "country_code": "country_code",
                "owner_id": "user_id",
                "created_at": "create_date",
            }
        },
        "companies",
    ),
    "res.partner",
    (("is_company", "=", True),),
)

CONTACTS = Entity(
    changing(
        "contacts",
        {
            "name": "text",
            "email": "text",
            "phone_sanitized": "text",
            "phone": "text",
            "function": "text",
            "parent_id": "text",
            "commercial_partner_id": "text",
            ACCOUNT: "text",
            "user_id": "text",
            "active": "flag",
            "create_date": "instant",
        },
        {
            "contacts": {
                "contact_id": "id",
                "account_id": ACCOUNT,
                "email": "email",
                "phone": "phone_sanitized",
                "full_name": "name",
                "job_title": "function",
                "owner_id": "user_id",
                "created_at": "create_date",
            }
        },
        "persons, without our own users and without mere addresses",
    ),
    "res.partner",
    (("is_company", "=", False), ("type", "=", "contact"), ("partner_share", "=", True)),
    made=(ACCOUNT,),
    make=lambda row: {ACCOUNT: row["commercial_partner_id"] if row["parent_id"] else None},
)

SOURCES = Entity(short("sources", {"name": "text"}, {}, "where leads come from"), "utm.source")

MEDIUMS = Entity(
    short("mediums", {"name": "text", "active": "flag"}, {}, "by which way leads come"),
    "utm.medium",
)

CAMPAIGNS = Entity(
    short(
        "campaigns",
        {"title": "text", "name": "text", "active": "flag", "user_id": "text"},
        {"campaigns": {"campaign_id": "id", "name": "title", "owner_id": "user_id"}},
        "campaigns that leads and orders are tagged with",
    ),
    "utm.campaign",
)

PEOPLE = (USERS, TEAMS, SOURCES, MEDIUMS, CAMPAIGNS, ACCOUNTS, CONTACTS)
