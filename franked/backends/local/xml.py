"""How AWS's older services answer."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from franked.backends.local.answers import AwsError

SNS = "http://sns.amazonaws.com/doc/2010-03-31/"
STS = "https://sts.amazonaws.com/doc/2011-06-15/"
_REFUSED = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error>"
    "<RequestId>0</RequestId></ErrorResponse>"
)


def answered(action: str, result: str, namespace: str = SNS) -> str:
    """`result`: XML already."""
    return (
        f'<{action}Response xmlns="{namespace}"><{action}Result>{result}</{action}Result>'
        f"<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></{action}Response>"
    )


def tags(said: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in said.items())


def refused(error: AwsError) -> str:
    return _REFUSED.format(escape(error.code), escape(error.message))
