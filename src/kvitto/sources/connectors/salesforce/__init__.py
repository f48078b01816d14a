"""Salesforce: companies, people, enquiries, deals with their history, activities, cases."""

from kvitto.sources.connectors.salesforce.settings import OAUTH, SECRETS, SalesforceSettings
from kvitto.sources.connectors.salesforce.stream import STREAMS
from kvitto.sources.pull import api_connector
from kvitto.sources.stream import Api, Opening


def _open(opening: Opening) -> Api:
    from kvitto.sources.connectors.salesforce.api import SalesforceApi

    return SalesforceApi(opening)


CONNECTOR = api_connector(
    kind="salesforce",
    title="Salesforce",
    reads="Accounts, contacts, leads, opportunities with stage and field history, products,"
    " campaigns, tasks, events, cases, orders and users, deleted and archived ones too.",
    settings=SalesforceSettings,
    secrets=SECRETS,
    streams=STREAMS,
    open=_open,
    oauth=OAUTH,
    settles="At once; a record is as final as people leave it.",
    limits="The organisation's daily requests are shared by all its programs: the source stops at"
    " 80 % of them (daily_share). 2,000 records per page; large results come by a bulk job."
    " Records are gone for good 15 days after they were deleted.",
    tested="A stateful stand-in that simple-salesforce reads too; real columns of a developer"
    " organisation and of warehouse exports. No live organisation.",
    extra="salesforce",
)
