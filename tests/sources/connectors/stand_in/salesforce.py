"""A Salesforce organisation over loopback: sign-in, describe, SOQL with paging, bulk jobs, limits.

Written after the public documents of the interface. It keeps its own clock,
so that a test can say what changed when.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.sources.connectors.stand_in.salesforce_data import OBJECTS, seed
from tests.sources.connectors.stand_in.salesforce_soql import Asked, BadSoql, parse, written_csv
from tests.sources.http.serving import Answering, listening

Row = dict[str, Any]
VERSION = "v64.0"
_DATA = f"/services/data/{VERSION}"


class Failure(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


@dataclass
class Organisation:
    """What the server knows, and how a test changes it."""

    objects: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    hidden: set[tuple[str, str]] = field(default_factory=set)
    clock: datetime = datetime(2026, 11, 2, 8, tzinfo=UTC)
    page_size: int = 2000
    daily: int = 15_000
    used: int = 0
    polls: int = 1
    bulk_allowed: bool = True
    batches: bool = True
    bulk_fails: str = ""
    endless: bool = False
    elsewhere: str = ""
    slow: bool = False
    breaks_after: int | None = None
    short_lived: bool = False
    shut_out: bool = False
    html: bool = False
    turned_away: int = 0
    tokens: set[str] = field(default_factory=set)
    refresh_token: str = "5Aep-refresh"
    rotate: bool = False
    signed_in: int = 0
    asked: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    cursors: dict[str, tuple[list[Row], int]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def tick(self, minutes: int = 30) -> str:
        """Let time pass; gives the instant as the interface writes it."""
        self.clock += timedelta(minutes=minutes)
        return stamp(self.clock)

    def put(self, name: str, **values: Any) -> Row:
        """Create a record, or change the one of that Id."""
        with self.lock:
            at = self.tick(1)
            found = next((r for r in self.rows[name] if r["Id"] == values.get("Id")), None)
            if found is None:
                found = dict.fromkeys(self.objects[name])
                found.update({n: at for n in ("CreatedDate",) if n in found})
                if "IsDeleted" in found:
                    found["IsDeleted"] = False
                self.rows[name].append(found)
            found.update(values)
            if "SystemModstamp" in found:
                found["SystemModstamp"] = at
            return found

    def stage(self, opportunity: str, stage: str, *, closed: bool, won: bool) -> None:
        """Move a deal to a stage, with the line of history that this writes."""
        with self.lock:
            row = self.put("Opportunity", Id=opportunity, StageName=stage)
            row.update(IsClosed=closed, IsWon=won, LastStageChangeDate=row["SystemModstamp"])
            self.put(
                "OpportunityHistory",
                Id=f"008{len(self.rows['OpportunityHistory']):015d}",
                OpportunityId=opportunity,
                StageName=stage,
                Amount=row["Amount"],
                CloseDate=row["CloseDate"],
                CreatedById=row["OwnerId"],
            )

    def delete(self, name: str, identity: str) -> None:
        """Move a record to the recycle bin."""
        self.put(name, Id=identity, IsDeleted=True)

    def run_out(self) -> None:
        """All sessions end now; a new one may be had."""
        self.tokens.clear()

    def expire(self) -> None:
        """The app is shut out: no session holds, and no new one is given."""
        self.run_out()
        self.shut_out = True


def stamp(at: datetime) -> str:
    """An instant as REST writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


@dataclass
class Server:
    """The running stand-in: its address, and what a connector needs to sign in."""

    url: str
    org: Organisation

    @property
    def settings(self) -> dict[str, object]:
        return {"login_url": self.url}

    @property
    def secrets(self) -> dict[str, str]:
        return {
            "client_id": "3MVG9-consumer",
            "client_secret": "s3cret-of-the-app",
            "refresh_token": self.org.refresh_token,
        }

    def change(self) -> None:
        """A new account, a changed deal and a won one."""
        self.org.tick()
        self.org.put("Account", Id="001000000000000NEW", Name="Nyström & Co", OwnerId="005A")
        self.org.put("Opportunity", Id="006000000000000001", Amount=99_000.5)
        self.org.stage("006000000000000002", "Closed Won", closed=True, won=True)

    def delete(self) -> None:
        """A deal goes to the recycle bin."""
        self.org.tick()
        self.org.delete("Opportunity", "006000000000000003")

    def run_out(self) -> None:
        self.org.run_out()

    def expire(self) -> None:
        self.org.expire()

    def throttle(self, count: int) -> None:
        self.org.turned_away = count


@contextmanager
def stand_in(*, empty: bool = False) -> Iterator[Server]:
    """A running organisation, with the records of :func:`seed` unless ``empty``."""
    org = Organisation()
    org.objects = {name: dict(fields) for name, fields in OBJECTS.items()}
    org.rows = {name: [] for name in OBJECTS}
    if not empty:
        seed(org)
    with listening(type("H", (_Handler,), {"org": org})) as url:
        yield Server(url, org)


class _Handler(Answering):
    org: Organisation

    def serve(self) -> None:
        method = self.command
        body = self.taken().decode()
        parts = urlsplit(self.path)
        with self.org.lock:
            self.org.requests.append((method, parts.path))
            try:
                self._answer(method, parts.path, parse_qs(parts.query), body)
            except Failure as failure:
                answer = [{"message": failure.message, "errorCode": failure.code}]
                self._send(failure.status, answer, **failure.headers)
            except BadSoql as error:
                self._send(400, [{"message": str(error), "errorCode": error.code}])

    def _answer(self, method: str, path: str, query: dict[str, list[str]], body: str) -> None:
        org = self.org
        if org.turned_away > 0:
            org.turned_away -= 1
            raise Failure(429, "REQUEST_LIMIT_EXCEEDED", "Slow down", **{"Retry-After": "1"})
        if path == "/services/oauth2/token":
            return self._token(parse_qs(body))
        if path.startswith("/services/Soap/u/"):
            return self._soap(body)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token not in org.tokens or org.short_lived:
            raise Failure(401, "INVALID_SESSION_ID", "Session expired or invalid")
        org.used += 1
        if org.used > org.daily:
            raise Failure(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if org.breaks_after is not None and "/query" in path:
            org.breaks_after -= 1
            if org.breaks_after < 0:
                raise Failure(502, "BAD_GATEWAY", "no server there")
        if org.html:
            return self.send(200, b"<html><body>Down for maintenance</body></html>", "text/html")
        return self._data(method, path, query, body)

    def _data(self, method: str, path: str, query: dict[str, list[str]], body: str) -> None:
        org = self.org
        if path in (f"{_DATA}/sobjects", f"{_DATA}/sobjects/"):
            listed = [{"name": name, "queryable": True} for name in org.objects]
            return self._send(200, {"sobjects": listed})
        if found := re.fullmatch(rf"{_DATA}/sobjects/(\w+)/describe/?", path):
            return self._send(200, self._described(found[1]))
        if path == f"{_DATA}/composite/batch" and method == "POST":
            return self._batch(json.loads(body))
        if found := re.fullmatch(rf"{_DATA}/(query|queryAll)/?", path):
            asked = parse(query["q"][0], org.objects, org.hidden)
            if org.slow:
                raise Failure(400, "QUERY_TIMEOUT", "Your query request was running for too long.")
            org.asked.append(query["q"][0])
            return self._first(asked, everything=found[1] == "queryAll")
        if found := re.fullmatch(rf"{_DATA}/(?:query|queryAll)/(\w+)-(\d+)", path):
            return self._page(found[1], int(found[2]))
        if path.startswith(f"{_DATA}/jobs/query"):
            return self._job(method, unquote(path)[len(f"{_DATA}/jobs/query") :], query, body)
        raise Failure(404, "NOT_FOUND", "The requested resource does not exist")

    def _token(self, form: dict[str, list[str]]) -> None:
        org, said = self.org, {name: values[0] for name, values in form.items()}
        grant = said.get("grant_type", "")
        basic = self.headers.get("Authorization", "")
        good = {
            "refresh_token": said.get("refresh_token") == org.refresh_token
            and said.get("client_id") == "3MVG9-consumer",
            "client_credentials": bool(basic) or said.get("client_secret") == "s3cret-of-the-app",
            "password": said.get("password") == "pässword",
            "urn:ietf:params:oauth:grant-type:jwt-bearer": _is_signed(said.get("assertion", "")),
        }.get(grant, False)
        if not good or org.shut_out:
            wrong = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
            return self._send(400, wrong)
        answer = {
            "access_token": self._new_token(),
            "instance_url": f"http://{self.headers['Host']}",
            "token_type": "Bearer",
        }
        if grant == "refresh_token" and org.rotate:
            org.refresh_token = f"5Aep-refresh-{org.signed_in}"
            answer["refresh_token"] = org.refresh_token
        return self._send(200, answer)

    def _new_token(self) -> str:
        self.org.signed_in += 1
        token = f"00D!token{self.org.signed_in}"
        self.org.tokens.add(token)
        return token

    def _soap(self, body: str) -> None:
        if "<n1:password>pässwordTOKEN</n1:password>" not in body:
            fault = (
                "<e><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>"
                "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
                "</sf:exceptionMessage></e>"
            )
            return self.send(500, fault.encode(), "text/xml")
        answer = (
            f"<e><sessionId>{self._new_token()}</sessionId><serverUrl>"
            f"http://{self.headers['Host']}/services/Soap/u/64.0/00D</serverUrl></e>"
        )
        return self.send(200, answer.encode(), "text/xml")

    def _batch(self, body: Row) -> None:
        """Up to 25 independent questions, each with its own status; here only descriptions."""
        asked = body["batchRequests"]
        if not self.org.batches or len(asked) > 25:
            raise Failure(400, "LIMIT_EXCEEDED", "The batch request may not exceed 25 requests")
        results: list[Row] = []
        for one in asked:
            self.org.used += 1
            found = re.fullmatch(rf"/?{VERSION}/sobjects/(\w+)/describe/?", one["url"])
            try:
                if found is None or one["method"] != "GET":
                    raise Failure(404, "NOT_FOUND", "The requested resource does not exist")
                results.append({"statusCode": 200, "result": self._described(found[1])})
            except Failure as failure:
                wrong = [{"errorCode": failure.code, "message": failure.message}]
                results.append({"statusCode": failure.status, "result": wrong})
        failed = any(one["statusCode"] >= 400 for one in results)
        self._send(200, {"hasErrors": failed, "results": results})

    def _described(self, name: str) -> Row:
        if name not in self.org.objects:
            raise Failure(404, "NOT_FOUND", "The requested resource does not exist")
        fields = [
            {"name": one, "type": kind, "relationshipName": None}
            for one, kind in self.org.objects[name].items()
            if (name, one) not in self.org.hidden
        ]
        return {"name": name, "queryable": True, "fields": fields}

    def _first(self, asked: Asked, *, everything: bool) -> None:
        rows = asked.over(self.org.rows[asked.object], everything=everything)
        cursor = f"01g{len(self.org.cursors):06d}"
        size = re.search(r"batchSize=(\d+)", self.headers.get("Sforce-Query-Options") or "")
        page = min(self.org.page_size, int(size[1]) if size else 2000)
        self.org.cursors[cursor] = (rows, page)
        self._page(cursor, 0)

    def _page(self, cursor: str, start: int) -> None:
        if cursor not in self.org.cursors:
            raise Failure(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        rows, size = self.org.cursors[cursor]
        done = start + size >= len(rows)
        answer: dict[str, Any] = {"totalSize": len(rows), "done": done}
        answer["records"] = rows[start : start + size]
        if not done:
            following = 0 if self.org.endless else start + size
            answer["nextRecordsUrl"] = self.org.elsewhere or f"{_DATA}/query/{cursor}-{following}"
        self._send(200, answer)

    def _job(self, method: str, rest: str, query: dict[str, list[str]], body: str) -> None:
        org = self.org
        if method == "POST" and rest in ("", "/"):
            if not org.bulk_allowed:
                raise Failure(400, "FEATURENOTENABLED", "Bulk API is not enabled")
            said = json.loads(body)
            asked = parse(said["query"], org.objects, org.hidden)
            identity = f"750{len(org.jobs):015d}"
            rows = asked.over(org.rows[asked.object], everything=said["operation"] == "queryAll")
            org.jobs[identity] = {"asked": asked, "rows": rows, "polls": org.polls}
            org.asked.append(said["query"])
            return self._send(200, {"id": identity, "state": "UploadComplete"})
        identity, _, results = rest.strip("/").partition("/")
        job = org.jobs.get(identity)
        if job is None:
            raise Failure(404, "NOT_FOUND", "no such job")
        if method == "DELETE":
            del org.jobs[identity]
            return self.send(204, b"", "application/json")
        if method == "PATCH":
            job["state"] = json.loads(body)["state"]
            return self._send(200, {"id": identity, "state": job["state"]})
        if results == "results":
            return self._results(job, query)
        job["polls"] -= 1
        if job["polls"] >= 0:
            return self._send(200, {"id": identity, "state": "InProgress"})
        if org.bulk_fails:
            return self._send(200, {"state": "Failed", "errorMessage": org.bulk_fails})
        return self._send(200, {"id": identity, "state": "JobComplete"})

    def _results(self, job: dict[str, Any], query: dict[str, list[str]]) -> None:
        start = int(query.get("locator", ["0"])[0])
        size = int(query.get("maxRecords", ["1000"])[0])
        part = job["rows"][start : start + size]
        done = start + size >= len(job["rows"])
        locator = "null" if done else str(0 if self.org.endless else start + size)
        text = written_csv(job["asked"].fields, part)
        headers = {"Sforce-Locator": locator, "Sforce-NumberOfRecords": str(len(part))}
        self.send(200, text.encode(), "text/csv; charset=UTF-8", headers)

    def _send(self, status: int, data: object, **headers: str) -> None:
        usage = {"Sforce-Limit-Info": f"api-usage={self.org.used}/{self.org.daily}"}
        self.send_json(status, data, {**usage, **headers})


def _is_signed(assertion: str) -> bool:
    """Whether a token is signed with the key whose certificate the app knows."""
    import jwt

    from tests.sources.connectors.stand_in.salesforce_data import public_key

    try:
        said = jwt.decode(
            assertion, public_key(), algorithms=["RS256"], options={"verify_aud": False}
        )
    except jwt.PyJWTError:
        return False
    return bool(said["iss"] == "3MVG9-consumer" and said["sub"] == "elin@example.com")
