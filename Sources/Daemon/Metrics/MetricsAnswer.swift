import CardReader
import Registry

/// The answer of `GET /metrics`.
enum MetricsAnswer {
    static func response(
        services: DaemonServices, choice: ReaderChoice, version: String, running: RunningState
    ) -> HTTPResponse {
        var text = MetricsText()
        text.gauge("cccd_build_info", "The version of the program.", 1, [("version", version)])
        let now = Timestamp.now.secondsSince1970
        text.gauge(
            "process_start_time_seconds", "When the daemon started, in seconds since 1970.",
            Double(running.startedAt.secondsSince1970))
        if let usage = SystemCalls.ownUsage() {
            text.gauge("process_resident_memory_bytes", "Memory in use.", Double(usage.residentBytes))
            text.gauge("process_open_fds", "Open descriptors.", Double(usage.descriptors))
        }
        let readers = (try? services.desk.readers()).map(choice.used)
        text.gauge("cccd_readers_up", "Whether readers can be listed.", readers == nil ? 0 : 1)
        text.gauge("cccd_readers", "Readers that are plugged in and used.", readers.map { Double($0.count) })
        text.gauge(
            "cccd_cards", "Readers that hold a card.", readers.map { Double($0.count { $0.isCardPresent }) })
        text.gauge("cccd_queue", "Check-ins that wait for a reader.", Double(running.lanes.waitingCount))
        text.gauge("cccd_event_followers", "Callers that follow the events.", Double(running.feed.followerCount))
        text.gauge("cccd_connections", "Open connections.", Double(running.connectionCount.withLock { $0 }()))
        text.gauge("cccd_trust_anchors", "Authorities that are trusted.", Double(services.judge.anchorCount))
        text.gauge(
            "cccd_trust_age_seconds", "Seconds since the trusted certificates were read.",
            Double(max(0, now - services.loadedAt.secondsSince1970)))
        let registry = try? services.insurance?.status()
        if services.insurance != nil {
            text.gauge("cccd_registry_up", "Whether the registry can be asked.", registry == nil ? 0 : 1)
        }
        text.gauge("cccd_registry_rows", "Records of the registry.", registry?.rows.map(Double.init))
        text.gauge(
            "cccd_registry_age_seconds", "Seconds since the registry's data was current.",
            registry?.age.map(Double.init))
        running.metrics.write(to: &text)
        return HTTPResponse(
            status: 200, headers: HTTPHeaders([("content-type", MetricsText.mediaType)]),
            body: SensitiveBytes(text.text))
    }
}
