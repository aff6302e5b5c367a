internal import Basics
internal import Store

/// Everything that is asked of calls over plain HTTP, and what all of it needs.
struct RequestRoutes: Sendable {
    private let plugin: PluginRoutes
    private let chat: ChatRoutes
    private let app: AppRoutes

    init(
        desk: LoginDesk,
        calls: any RunningCalls,
        store: any DurableStore,
        people: PersonBook,
        channels: ChannelNames,
        reservations: Reservations,
        settings: CurrentSettings,
        log: Log
    ) {
        plugin = PluginRoutes(
            desk: desk,
            calls: calls,
            store: store,
            people: people,
            channels: channels,
            settings: settings,
            log: log
        )
        chat = ChatRoutes(
            desk: desk,
            calls: calls,
            people: people,
            channels: channels,
            settings: settings
        )
        app = AppRoutes(
            desk: desk,
            calls: calls,
            store: store,
            people: people,
            channels: channels,
            links: GuestLinkDesk(store: store),
            reservations: reservations,
            settings: settings,
            log: log
        )
    }

    func add(to router: inout Router) {
        plugin.add(to: &router)
        chat.add(to: &router)
        app.add(to: &router)
    }
}
