internal import Calls
internal import Settings

extension WebhookKeeper.Values {
    init(_ settings: Settings) {
        let calls = settings.calls
        urls = calls.webhookURLs
        secret = WebhookSecret(calls.webhookSecret)
        rules = WebhookQueue.Rules(tries: calls.webhookTries, capacity: calls.webhookQueue)
    }
}
