/// One thing that an application is to be told of, until it has said that it heard.
package struct WebhookNotice: Hashable, Sendable {
    /// The same at each try, so that whoever gets it twice can tell.
    package var id: String
    package var body: String
    /// How often it was sent in vain.
    package var tries: Int

    package init(id: String, body: String, tries: Int = 0) {
        self.id = id
        self.body = body
        self.tries = tries
    }
}
