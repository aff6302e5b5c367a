import Basics
import Store
import Testing

@Suite struct `An embedded store` {
    @Test(arguments: StoreClause.all)
    func `keeps what every store promises`(clause: StoreClause) async throws {
        let store = try EmbeddedStore(path: ":memory:")
        try await clause.check(store)
        await store.close()
    }

    @Test func `counts what it is asked and how long that took`() async throws {
        let registry = MetricRegistry()
        let metrics = StoreMetrics(registry: registry, prefix: "roost_")
        let store = try EmbeddedStore(path: ":memory:", metrics: metrics)
        try await store.save(ChannelRecord(id: "c"))
        _ = try await store.channel("c")
        _ = try await store.channel("d")
        await store.close()
        await #expect(throws: StoreFault.self) { try await store.channel("c") }
        let page = String(decoding: registry.render(), as: UTF8.self)
        #expect(page.contains(#"roost_store_ops_total{type="saveChannel"} 1"#))
        #expect(page.contains(#"roost_store_ops_total{type="channel"} 3"#))
        #expect(page.contains(#"roost_store_methods_time_count{method="channel"} 3"#))
        #expect(page.contains("roost_store_faults_total 1"))
    }
}
