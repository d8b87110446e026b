"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001.10"  # a record of before the first release had 0001, and another schema
down_revision = None
branch_labels = None
depends_on = None

KEPT_CONTENTS = (
    "contents IS NOT NULL AND state IN ("
    "'bounced', 'complained', 'delayed', 'delivered', 'dropped', "
    "'refused', 'rejected', 'sent', 'soft_bounced')"
)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("production", sa.Boolean(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("quota", sa.Double(), nullable=False),
        sa.Column("sent_24h", sa.Double(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.Column("sending_enabled", sa.Boolean(), nullable=False),
        sa.Column("enforcement", sa.Text(), nullable=False),
        sa.Column("verified", sa.Text(), nullable=False),
        sa.Column("sent_before", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_account")),
    )
    op.create_table(
        "alarms",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("tellings", sa.Integer(), nullable=False),
        sa.Column("tell_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alarms")),
    )
    op.create_index("alarms_to_tell", "alarms", ["tell_at"])
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("streams", sa.Text(), nullable=False),
        sa.Column("senders", sa.Text(), nullable=False),
        sa.Column("limit_count", sa.Integer(), nullable=True),
        sa.Column("limit_per", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("old_digest", sa.LargeBinary(), nullable=True),
        sa.Column("old_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "canary",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("proven_until", sa.BigInteger(), nullable=True),
        sa.Column("contents", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_canary")),
    )
    op.create_table(
        "codes",
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("guesses_left", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("resend_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_codes")),
        sa.UniqueConstraint("id", name=op.f("uq_codes_id")),
        sa.UniqueConstraint("token", name=op.f("uq_codes_token")),
        sqlite_with_rowid=False,
    )
    op.create_index("codes_ended", "codes", ["ends_at"])
    op.create_table(
        "factors",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("recovery", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_factors")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bucket",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("factor", sa.Double(), nullable=False),
        sa.Column("trouble", sa.Integer(), nullable=False),
        sa.Column("slowed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_bucket")),
    )
    op.create_table(
        "brake",
        sa.Column("only", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("base_sent", sa.BigInteger(), nullable=False),
        sa.Column("base_bounced", sa.BigInteger(), nullable=False),
        sa.Column("base_complained", sa.BigInteger(), nullable=False),
        sa.Column("careful_until", sa.BigInteger(), nullable=True),
        sa.Column("aws_bounce", sa.Double(), nullable=True),
        sa.Column("aws_complaint", sa.Double(), nullable=True),
        sa.Column("aws_at", sa.BigInteger(), nullable=True),
        sa.Column("aws_sent", sa.BigInteger(), nullable=True),
        sa.Column("aws_bounced", sa.BigInteger(), nullable=False),
        sa.Column("aws_complained", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_brake")),
    )
    op.create_table(
        "brake_log",
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_brake_log")),
    )
    op.create_table(
        "figures",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "provider", "at", "what", name=op.f("pk_figures")),
        sqlite_with_rowid=False,
    )
    op.create_index("figures_at", "figures", ["at"])
    op.create_table(
        "counters",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "what", name=op.f("pk_counters")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ses_id", sa.Text(), nullable=False),
        sa.Column("tagged_message", sa.Text(), nullable=True),
        sa.Column("tagged_attempt", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("bounce_type", sa.Text(), nullable=True),
        sa.Column("subtype", sa.Text(), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("counted_as", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("pending_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_events")),
    )
    op.create_index(
        "events_message",
        "events",
        ["message_id"],
        sqlite_where=sa.text("message_id IS NOT NULL"),
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index(
        "events_of_address",
        "events",
        ["recipient", "kind", "at"],
        sqlite_where=sa.text("kind IN ('bounce', 'delivery')"),
        postgresql_where=sa.text("kind IN ('bounce', 'delivery')"),
    )
    op.create_index(
        "events_of_nobody",
        "events",
        ["received_at"],
        sqlite_where=sa.text("message_id IS NULL"),
        postgresql_where=sa.text("message_id IS NULL"),
    )
    op.create_index(
        "events_pending",
        "events",
        ["ses_id"],
        sqlite_where=sa.text("pending_since IS NOT NULL"),
        postgresql_where=sa.text("pending_since IS NOT NULL"),
    )
    op.create_index(
        "events_pending_since",
        "events",
        ["pending_since"],
        sqlite_where=sa.text("pending_since IS NOT NULL"),
        postgresql_where=sa.text("pending_since IS NOT NULL"),
    )
    op.create_table(
        "lane_waits",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_lane_waits")),
    )
    op.create_table(
        "ledger",
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_ledger")),
    )
    op.create_index("ledger_message", "ledger", ["message_id"])
    op.create_table(
        "limits",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_limits")),
        sqlite_with_rowid=False,
    )
    op.create_index("limits_opened", "limits", ["opened_at"])
    op.create_table(
        "messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("ses_id", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("trigger_act", sa.Text(), nullable=True),
        sa.Column("trigger_by", sa.Text(), nullable=True),
        sa.Column("trigger_at", sa.BigInteger(), nullable=True),
        sa.Column("trigger_ref", sa.Text(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("useful_until", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("contents", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("messages_of_address", "messages", ["address_key", "id"])
    op.create_index("messages_of_key", "messages", ["key_id", "id"])
    op.create_index("messages_of_stream", "messages", ["stream", "id"])
    op.create_index(
        "messages_dead",
        "messages",
        ["id"],
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "messages_due",
        "messages",
        ["lane", "due_at", "id"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "messages_for_admins",
        "messages",
        ["due_at", "id"],
        sqlite_where=sa.text("state = 'queued' AND stream IN ('franked-alarms', 'franked-report')"),
        postgresql_where=sa.text("state = 'queued' AND stream IN ('franked-alarms', 'franked-report')"),
    )
    op.create_index(
        "messages_expiring",
        "messages",
        ["useful_until"],
        sqlite_where=sa.text("state IN ('queued', 'held') AND (reason IS NULL OR reason != 'unknown_outcome')"),
        postgresql_where=sa.text("state IN ('queued', 'held') AND (reason IS NULL OR reason != 'unknown_outcome')"),
    )
    op.create_index(
        "messages_held",
        "messages",
        ["reason", "id"],
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "messages_held_until",
        "messages",
        ["held_until"],
        sqlite_where=sa.text("held_until IS NOT NULL"),
        postgresql_where=sa.text("held_until IS NOT NULL"),
    )
    op.create_index(
        "messages_of_kept_contents",
        "messages",
        ["stream", "id"],
        sqlite_where=sa.text(KEPT_CONTENTS),
        postgresql_where=sa.text(KEPT_CONTENTS),
    )
    op.create_index(
        "messages_leased",
        "messages",
        ["state", "lease_until"],
        sqlite_where=sa.text("lease_until IS NOT NULL"),
        postgresql_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_table(
        "origins",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("trigger_act", sa.Text(), nullable=True),
        sa.Column("trigger_by", sa.Text(), nullable=True),
        sa.Column("trigger_at", sa.BigInteger(), nullable=True),
        sa.Column("trigger_ref", sa.Text(), nullable=True),
        sa.Column("stream", sa.Text(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_mailed", sa.BigInteger(), nullable=True),
        sa.Column("last_delivered", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("address_key", name=op.f("pk_origins")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sent_minutes",
        sa.Column("minute", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("minute", name=op.f("pk_sent_minutes")),
    )
    op.create_table(
        "settlements",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "what", name=op.f("pk_settlements")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "suppression_log",
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_suppression_log")),
    )
    op.create_index("suppression_log_address", "suppression_log", ["address_key", "line"])
    op.create_index("suppression_log_at", "suppression_log", ["at", "what"])
    op.create_table(
        "suppressions",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address_key", "scope", name=op.f("pk_suppressions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sealed_with",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_sealed_with")),
    )
    op.create_table(
        "templates",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_templates")),
    )
    op.create_table(
        "attempts",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("call_by", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("ses_id", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_attempts_message_id")),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("pk_attempts")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "attempts_ses_id",
        "attempts",
        ["ses_id"],
        sqlite_where=sa.text("ses_id IS NOT NULL"),
        postgresql_where=sa.text("ses_id IS NOT NULL"),
    )
    op.create_table(
        "idempotency",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_idempotency_message_id")),
        sa.PrimaryKeyConstraint("key_id", "key", name=op.f("pk_idempotency")),
        sqlite_with_rowid=False,
    )
    op.create_index("idempotency_message", "idempotency", ["message_id"])
    op.create_table(
        "invites",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("contents", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
    )
    op.create_index("invites_ended", "invites", ["ends_at", "id"])
    op.create_table(
        "invited",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("invite_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address_key", "invite_id", name=op.f("pk_invited")),
        sqlite_with_rowid=False,
    )
    op.create_index("invited_to", "invited", ["invite_id"])
    _create_consents()
    _create_approvals()


def _create_consents() -> None:
    confirmed, under_way = sa.text("standing = 'confirmed'"), sa.text("done_at IS NULL")
    op.create_table(
        "consents",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("address_key", "topic", name=op.f("pk_consents")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "consents_confirmed",
        "consents",
        ["topic", "address_key"],
        sqlite_where=confirmed,
        postgresql_where=confirmed,
    )
    op.create_table(
        "consent_log",
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("wording_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_consent_log")),
    )
    op.create_index("consent_log_address", "consent_log", ["address_key", "line"])
    op.create_table(
        "consents_asked",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ip", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("wording_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_consents_asked")),
        sqlite_with_rowid=False,
    )
    op.create_index("consents_asked_address", "consents_asked", ["address_key"])
    op.create_index("consents_asked_until", "consents_asked", ["until"])
    op.create_table(
        "newsletters",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("issue", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletters")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "newsletters_under_way",
        "newsletters",
        ["at"],
        sqlite_where=under_way,
        postgresql_where=under_way,
    )


def _create_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_approvals")),
    )
    op.create_index("approvals_version", "approvals", ["version", "line"])
    op.create_index("approvals_template", "approvals", ["template", "line"])
    op.create_table(
        "deleted_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("keep", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_deleted_accounts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("contents", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    op.create_index(
        "tickets_of_address",
        "tickets",
        ["address_key"],
        sqlite_where=sa.text("contents IS NOT NULL"),
        postgresql_where=sa.text("contents IS NOT NULL"),
    )
    op.create_index(
        "tickets_decided",
        "tickets",
        ["decided_at"],
        sqlite_where=sa.text("decided_at IS NOT NULL"),
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )
    op.create_index(
        "events_of_strangers",
        "events",
        ["recipient"],
        sqlite_where=sa.text("message_id IS NULL"),
        postgresql_where=sa.text("message_id IS NULL"),
    )
    _create_ses_list()


def _create_ses_list() -> None:
    op.create_table(
        "ses_listed",
        sa.Column("spelled", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("spelled", name=op.f("pk_ses_listed")),
        sqlite_with_rowid=False,
    )
    op.create_index("ses_listed_address", "ses_listed", ["address_key"])
    op.create_index("ses_listed_seen", "ses_listed", ["seen"])
    op.create_table(
        "ses_calls",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("spelled", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address_key", "spelled", name=op.f("pk_ses_calls")),
        sqlite_with_rowid=False,
    )
    op.create_index("ses_calls_due", "ses_calls", ["what", "at", "spelled"])
    op.create_table(
        "ses_conflicts",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("conflict", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address_key", "conflict", name=op.f("pk_ses_conflicts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ses_conflicts_at", "ses_conflicts", ["at"])
    op.create_table(
        "ses_stand",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stand", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_ses_stand")),
    )

    _create_webhooks()


def _create_webhooks() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "outbox_due",
        "outbox",
        ["endpoint", "due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("outbox_subject", "outbox", ["subject"])
    op.create_table(
        "webhooks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("given_up", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "access_log",
        sa.Column("line", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_access_log")),
    )


def downgrade() -> None:
    for table in (
        "access_log",
        "webhooks",
        "outbox",
        "ses_stand",
        "ses_conflicts",
        "ses_calls",
        "ses_listed",
        "invited",
        "invites",
        "newsletters",
        "consents_asked",
        "consent_log",
        "consents",
        "tickets",
        "deleted_accounts",
        "approvals",
        "idempotency",
        "attempts",
        "templates",
        "sealed_with",
        "suppressions",
        "suppression_log",
        "settlements",
        "sent_minutes",
        "origins",
        "messages",
        "limits",
        "ledger",
        "lane_waits",
        "events",
        "figures",
        "brake_log",
        "brake",
        "counters",
        "factors",
        "codes",
        "canary",
        "bucket",
        "api_keys",
        "alarms",
        "account",
    ):
        op.drop_table(table)
