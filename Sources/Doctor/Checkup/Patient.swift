package import Basics
internal import Media

/// What is examined: the settings as far as something can be looked at for them.
package struct Patient: Sendable {
    package struct TLSFiles: Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    package struct Server: Sendable {
        package var url: String
        package var credentials: TURNCheck.Credentials

        package init(url: String, credentials: TURNCheck.Credentials) {
            self.url = url
            self.credentials = credentials
        }
    }

    /// What a node of a cluster wants besides.
    package struct Cluster: Sendable {
        package var name: String
        package var listen: SocketAddress
        package var told: Endpoint
        package var sentinels: [Endpoint]
        package var sentinelMaster: String
        package var sentinelPassword: Secret
        /// The node's own certificate, if nodes know each other by them.
        package var tls: TLSFiles?
    }

    package var http: [SocketAddress] = []
    package var metrics: [SocketAddress] = []
    package var mediaUDP: [SocketAddress] = []
    package var mediaTCP: [SocketAddress] = []
    package var advertised = ""
    /// The host of the public URL, if one is set.
    package var publicHost: String?
    package var tls: TLSFiles?
    package var iceServers: [Server] = []
    package var redis: Secret?
    package var cluster: Cluster?
    package var store = "data/roost.db"

    package init() {}

    /// Everything there is to look at, cheap and certain things first.
    ///
    /// `now` is the time of day in seconds since 1970.
    package func checks(
        files: MachineFiles,
        local: LocalAddresses,
        now: Int64
    ) -> [any Check] {
        let mediaPort = mediaUDP.first?.port ?? 8_443
        let servers = iceServers.map { (STUNServer($0.url), $0) }
        var checks: [any Check] = []
        checks += http.map {
            PortCheck(.tcp, $0, setting: "http.listen", asksHealth: tls == nil, files: files)
        }
        checks += metrics.map { PortCheck(.tcp, $0, setting: "metrics.listen", files: files) }
        checks += mediaTCP.map { PortCheck(.tcp, $0, setting: "media.tcp_port", files: files) }
        checks += mediaUDP.map { PortCheck(.udp, $0, setting: "media.udp_port", files: files) }
        checks.append(LocalAddressCheck(local))
        checks.append(
            AdvertisedAddressCheck(
                advertised,
                local: local,
                mediaPort: mediaPort,
                learnsBySTUN: servers.contains { $0.0?.isTURN == false }
            )
        )
        checks.append(SocketBufferCheck(files: files))
        checks.append(FileLimitCheck())
        checks.append(ListenQueueCheck(files: files))
        checks.append(ConntrackCheck(files: files))
        let ports = (http + metrics + mediaTCP + mediaUDP).map(\.port)
        checks.append(EphemeralPortsCheck(ports: ports, files: files))
        checks.append(ClockCheck())
        checks.append(StoreFolderCheck(path: store))
        if let tls {
            checks.append(
                TLSFilesCheck(
                    certificate: tls.certificate,
                    key: tls.key,
                    host: publicHost,
                    now: now
                )
            )
        }
        if let redis { checks.append(RedisCheck(redis)) }
        if let cluster { checks += self.checks(of: cluster, files: files, now: now) }
        for (server, entry) in servers {
            guard let server else {
                checks.append(UnreadableServer(url: entry.url))
                continue
            }
            guard server.isTURN else {
                checks.append(STUNCheck(server, advertised: advertised))
                continue
            }
            checks.append(
                TURNCheck(
                    server,
                    isStream: server.isStream,
                    credentials: entry.credentials,
                    now: now
                )
            )
        }
        return checks
    }
}

/// An entry of media.ice_servers that no client could use either.
private struct UnreadableServer: Check {
    let url: String

    var name: String { "ice server" }

    func look() -> Outcome {
        .fail(
            "\(url) is no STUN or TURN URL",
            remedy: "write it as stun:HOST:3478 or turn:HOST:3478?transport=tcp"
        )
    }
}
