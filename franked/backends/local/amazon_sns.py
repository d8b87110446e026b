"""What is asked of `sns.REGION.amazonaws.com`: the signing certificate, and the confirmation of a subscription."""

from xml.sax.saxutils import escape

from aiohttp import web

from franked.backends.local.office import OFFICE

_CONFIRMED = (
    '<ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult>'
    "<SubscriptionArn>{}</SubscriptionArn></ConfirmSubscriptionResult></ConfirmSubscriptionResponse>"
)
_REFUSED = (
    '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>'
    "<Code>InvalidParameter</Code><Message>Invalid parameter: Token</Message></Error></ErrorResponse>"
)


async def certificate(request: web.Request) -> web.Response:
    key = request.app[OFFICE].topic.key
    if request.path != key.path:
        raise web.HTTPNotFound
    return web.Response(body=key.pem, content_type="application/x-pem-file")


def confirm_subscription(request: web.Request) -> web.Response:
    topic = request.app[OFFICE].topic
    arn = topic.confirm(request.query.get("TopicArn", ""), request.query.get("Token", ""))
    if arn is None:
        return web.Response(status=400, text=_REFUSED, content_type="text/xml")
    return web.Response(text=_CONFIRMED.format(escape(arn)), content_type="text/xml")
