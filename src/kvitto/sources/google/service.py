"""One Google service over the guarded client, its refusals put into our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kvitto.errors import BadAnswer, BadSource, KvittoError, SourceBusy, SourceRefused
from kvitto.sources.google.fault import Fault, fault_of
from kvitto.sources.google.settings import GoogleSettings
from kvitto.sources.stream import Opening

if TYPE_CHECKING:
    from kvitto.sources.google.sign_in import Bearer
    from kvitto.sources.http import Http

_NO = (400, 401, 403, 404, 429)
_FIRST_WAIT = 2.0
_DAILY = ("per day", "daily", "tokens per project per day")


class Denied(SourceRefused):
    """Google refused one request; ``fault`` holds its reasons."""

    fault: Fault


class Unfit(BadSource):
    """Google does not understand what was asked (a field, a query); ``fault`` says why."""

    fault: Fault


class GoogleService:
    """A service at one address, spoken to with one scope.

    ``where`` names it in messages ("Google Analytics"), ``advice`` says what to
    do where the signed-in account lacks access.
    """

    def __init__(
        self,
        opening: Opening,
        settings: GoogleSettings,
        endpoint: str,
        *,
        scope: str,
        where: str,
        advice: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        from requests.adapters import HTTPAdapter

        from kvitto.sources.google.sign_in import Bearer
        from kvitto.sources.http import Http, guarded_session
        from kvitto.sources.http.patience import FAILING

        self.where = where
        self._advice = advice
        self._signing = guarded_session(opening, where="Google's sign-in")
        self.bearer: Bearer = Bearer(opening, settings, scope, self._signing)
        self._http: Http = Http(
            opening, endpoint, headers=dict(headers or {}), auth=self.bearer, where=where
        )
        # Google says in the body of a 429 how long to wait, so it is read here, not beneath.
        for adapter in self._http.session.adapters.values():
            if isinstance(adapter, HTTPAdapter):
                adapter.max_retries = adapter.max_retries.new(status_forcelist=FAILING)

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Any:
        """The JSON at ``path``, fractions as ``Decimal``."""
        return self._asked("GET", path, params=params)

    def post(
        self, path: str, body: Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> Any:
        """The JSON that ``path`` answers to ``body``."""
        return self._asked("POST", path, json=body, headers=headers)

    def _asked(self, method: str, path: str, **more: Any) -> Any:
        """Ask, and wait as the service says where it has had enough for now."""
        pause = _FIRST_WAIT
        while True:
            answer = self._http.answer(method, path, expect=_NO, **more)
            if answer.status < 400:
                return answer.json()
            fault = fault_of(answer.status, answer.content)
            if fault is None:
                raise BadAnswer.of(
                    f"ask {self.where}",
                    f"it answered {answer.status} with something that is not its error form",
                    "Look whether a proxy or a sign-in page stands between.",
                )
            if answer.status != 429:
                raise self.trouble(fault)
            if any(word in fault.message.lower() for word in _DAILY):
                raise self._busy(fault)
            asked = self._http.session.patience.asked(answer.headers)
            seconds = next((one for one in (fault.wait, asked) if one is not None), pause)
            self.wait(seconds, fault.message)
            pause = min(pause * 2, 60.0)

    def _busy(self, fault: Fault) -> KvittoError:
        return SourceBusy.of(
            f"ask {self.where}",
            f"the day's quota is spent: {fault.message}",
            "What was read is kept; the next run after the reset goes on from there.",
        )

    def trouble(self, fault: Fault) -> Denied | Unfit:
        """The failure that the fault stands for."""
        if fault.http in (401, 403):
            found, todo = self._refusal(fault)
            denied = Denied.of(f"ask {self.where}", found, todo)
            assert isinstance(denied, Denied)
            denied.fault = fault
            return denied
        unfit = Unfit.of(
            f"ask {self.where}",
            f"it does not take the question: {fault.message}",
            "Correct the name that it does not know, or the id, in the source's settings.",
        )
        assert isinstance(unfit, Unfit)
        unfit.fault = fault
        return unfit

    def _refusal(self, fault: Fault) -> tuple[str, str]:
        who = f" ({self.bearer.who})" if self.bearer.who else ""
        if fault.says("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions"):
            return (
                f"the sign-in lacks the scope {self.bearer.scope}",
                f"Sign in again and consent to {self.bearer.scope}.",
            )
        if fault.says("SERVICE_DISABLED", "accessNotConfigured"):
            link = fault.about.get("activationUrl")
            return (
                f"the API is not switched on in the Google Cloud project: {fault.message}",
                f"Switch it on at {link}." if link else "Switch it on in the Cloud console.",
            )
        if fault.http == 401:
            return f"the sign-in{who} is not taken: {fault.message}", "Sign in again."
        return f"the sign-in{who} may not: {fault.message}", self._advice

    def wait(self, seconds: float, words: str) -> None:
        """Wait, or raise :class:`SourceBusy` where that is longer than the source may."""
        self._http.session.patience.wait(seconds, words)

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()
        self._signing.close()
