"""Signing in and out, and the ways to a password. Hashing makes these slow, on purpose."""

from __future__ import annotations

from entrepot.accounts import Member, passwords, tokens
from entrepot.accounts.callers import caller_by_session
from entrepot.accounts.records import Credentials, PasswordChange, Redemption, Session, Welcome, normal_email
from entrepot.administration import members
from entrepot.administration.desk import Desk
from entrepot.errors import NotFound, Unauthenticated
from entrepot.store import accounts, sign_ins
from entrepot.store.queries import Run

TOUCH_AFTER_MS = 60_000


def sign_in(desk: Desk, given: Credentials) -> tuple[Member, str]:
    """The member and the token of a new session.

    Raises Unauthenticated, in the same words and after the same work for an unknown address, for a member without a
    password and for a wrong password.
    """
    found = sign_ins.credentials(desk.store.read, normal_email(given.email), given.organisation_id)
    member_id, stored = found or ("", None)
    if not passwords.matches(given.password, stored):
        if found is not None:
            desk.store.write(lambda run: _log_refusal(run, desk, member_id))  # to wait for it would tell of the account
        raise Unauthenticated("The e-mail address or the password is wrong.", code="invalid_credentials")
    if stored is not None and passwords.is_outdated(stored):
        hashed = passwords.hashed(given.password)
        desk.commit(lambda run: sign_ins.rehash_password(run, member_id, hashed))
    return begin_session(desk, member_id)


def begin_session(desk: Desk, member_id: str) -> tuple[Member, str]:
    """Raises Unauthenticated when the member has been removed meanwhile."""
    token = tokens.mint("session", desk.random)
    session = Session(
        member_id=member_id,
        created_at_ms=desk.now_ms,
        seen_at_ms=desk.now_ms,
        expires_at_ms=desk.now_ms + desk.settings.session_longest_s * 1000,
    )

    def work(run: Run) -> Member:
        member = accounts.member(run, member_id)
        if member is None:
            raise Unauthenticated("The e-mail address or the password is wrong.", code="invalid_credentials")
        sign_ins.delete_ended_sessions(run, now_ms=desk.now_ms, idle_ms=desk.settings.session_idle_s * 1000)
        sign_ins.insert_session(run, tokens.digest(token, "session", desk.pepper), session)
        _log(run, desk, "session.create", member)
        return member

    return desk.commit(work), token


def member_of_session(desk: Desk, token: str) -> Member:
    """Who has signed in. Raises Unauthenticated when the session is over, or never was."""
    digest = tokens.digest(token, "session", desk.pepper)
    idle_ms = desk.settings.session_idle_s * 1000
    session = sign_ins.session(desk.store.read, digest, now_ms=desk.now_ms, idle_ms=idle_ms)
    member = accounts.member(desk.store.read, session.member_id) if session else None
    if session is None or member is None:
        raise Unauthenticated("The session is over. Sign in again.", code="session_ended")
    if desk.now_ms - session.seen_at_ms > TOUCH_AFTER_MS:
        desk.store.write(lambda run: sign_ins.touch_session(run, digest, desk.now_ms))
    return member


def is_live(desk: Desk, token: str) -> bool:
    """Whether the session goes on; asking does not prolong it."""
    digest, idle_ms = tokens.digest(token, "session", desk.pepper), desk.settings.session_idle_s * 1000
    return sign_ins.session(desk.store.read, digest, now_ms=desk.now_ms, idle_ms=idle_ms) is not None


def sign_out(desk: Desk, member: Member, token: str) -> None:
    def work(run: Run) -> None:
        sign_ins.delete_session(run, tokens.digest(token, "session", desk.pepper))
        _log(run, desk, "session.delete", member)

    desk.commit(work)


def change_password(desk: Desk, member: Member, given: PasswordChange) -> None:
    """Ends all the member's sessions. Raises Unauthenticated when the present password is another."""
    if not passwords.matches(given.password, sign_ins.password(desk.store.read, member.id)):
        raise Unauthenticated("The present password is wrong.", code="invalid_credentials", param="password")
    hashed = passwords.hashed(given.new_password)

    def work(run: Run) -> None:
        sign_ins.set_password(run, member.id, hashed)
        _log(run, desk, "member.password", member)

    desk.commit(work)


def redeem(desk: Desk, given: Welcome | Redemption) -> Member:
    """Set a password by a link, which ends all the member's sessions; by a welcome an e-mail address and name as well.

    Raises NotFound when the link is used, expired, made up, or for another purpose; Conflict for a taken address.
    """
    purpose: tokens.Purpose = "welcome" if isinstance(given, Welcome) else "reset"
    digest = tokens.digest(given.token, purpose, desk.pepper)
    _require(sign_ins.link(desk.store.read, purpose, digest, desk.now_ms))  # before work is put into a hash
    hashed = passwords.hashed(given.password)

    def work(run: Run) -> Member:
        member = accounts.member(run, _require(sign_ins.link(run, purpose, digest, desk.now_ms)))
        assert member is not None  # a removed member's link has gone with it
        if isinstance(given, Welcome):
            members.introduce(run, desk, member, email=given.email, name=given.name)
        sign_ins.set_password(run, member.id, hashed)
        _log(run, desk, "member.password", member)
        changed = accounts.member(run, member.id)
        assert changed is not None
        return changed

    return desk.commit(work)


def _require(member_id: str | None) -> str:
    if member_id is None:
        raise NotFound("The link is used or expired.", code="link_not_found", param="token")
    return member_id


def _log_refusal(run: Run, desk: Desk, member_id: str) -> None:
    member = accounts.member(run, member_id)
    if member is not None:
        _log(run, desk, "session.refuse", member)


def _log(run: Run, desk: Desk, action: str, member: Member) -> None:
    desk.log(run, caller_by_session(member, house=False), action, f"member:{member.id}")
