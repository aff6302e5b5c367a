internal import Basics
internal import Media
package import Settings

extension Patient {
    /// What these settings want of the machine and of others.
    package init(_ settings: Settings) {
        let media = settings.media
        http = settings.http.listen
        metrics = settings.metrics.listen
        let everywhere: [IPAddress] = [media.enableIPv6 ? .any : .anyV4]
        mediaUDP = (media.udpAddress.isEmpty ? everywhere : media.udpAddress).map {
            SocketAddress(ip: $0, port: UInt16(clamping: media.udpPort))
        }
        mediaTCP = (media.tcpAddress.isEmpty ? everywhere : media.tcpAddress).map {
            SocketAddress(ip: $0, port: UInt16(clamping: media.tcpPort))
        }
        advertised = media.hostOverride
        publicHost = Self.host(of: settings.http.publicURL)
        if !settings.http.tlsCertificate.isEmpty {
            tls = TLSFiles(certificate: settings.http.tlsCertificate, key: settings.http.tlsKey)
        }
        iceServers = media.iceServers.flatMap { server in
            server.urls.map { Server(url: $0, credentials: Self.credentials(server, settings)) }
        }
        // With sentinels the URL names no Redis; they do.
        let isNamed = !settings.redis.url.isEmpty && settings.redis.sentinels.isEmpty
        redis = isNamed ? settings.redis.url : nil
        cluster = settings.isClustered ? Cluster(settings) : nil
        store = settings.store.path
    }

    private static func credentials(
        _ server: ICEServer,
        _ settings: Settings
    ) -> TURNCheck.Credentials {
        if let username = server.username, let credential = server.credential {
            return .user(username, password: credential)
        }
        let secret = settings.media.turnSecret
        return secret.isEmpty ? .none : .secret(secret)
    }

    /// `https://calls.example.com:8443/path`
    private static func host(of url: String) -> String? {
        guard let slashes = url.firstRange(of: "://") else { return nil }
        let place = url[slashes.upperBound...].prefix { $0 != "/" }
        return HostAndPort.split(String(place), usual: 0)?.host
    }
}

extension Patient.Cluster {
    fileprivate init(_ settings: Settings) {
        name = settings.cluster.name
        listen = settings.cluster.listen
        told = settings.clusterEndpoint
        sentinels = settings.redis.sentinels
        sentinelMaster = settings.redis.sentinelMaster
        sentinelPassword = settings.redis.sentinelPassword
        if !settings.cluster.certificate.isEmpty {
            tls = Patient.TLSFiles(
                certificate: settings.cluster.certificate,
                key: settings.cluster.key
            )
        }
    }
}
