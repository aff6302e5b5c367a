internal import Basics
internal import IO

extension Patient {
    func checks(of cluster: Cluster, files: MachineFiles, now: Int64) -> [any Check] {
        var checks: [any Check] = [
            PortCheck(.tcp, cluster.listen, setting: "cluster.listen", files: files),
            ClusterAddressCheck(
                listen: cluster.listen,
                told: cluster.told,
                redis: meetingHost(of: cluster)
            ),
        ]
        if let tls = cluster.tls {
            checks.append(
                TLSFilesCheck(
                    certificate: tls.certificate,
                    key: tls.key,
                    host: nil,
                    now: now,
                    settings: ("cluster.certificate", "cluster.key")
                )
            )
        }
        checks += cluster.sentinels.map { sentinel in
            SentinelCheck(
                sentinel,
                master: cluster.sentinelMaster,
                password: cluster.sentinelPassword
            )
        }
        if let redis {
            checks.append(RedisDiskCheck(redis))
            checks.append(RedisReplicasCheck(redis))
            checks.append(RedisRightsCheck(redis, cluster: cluster.name))
        }
        return checks
    }

    private func meetingHost(of cluster: Cluster) -> String {
        if let sentinel = cluster.sentinels.first { return sentinel.host }
        guard let redis else { return "" }
        do throws(RedisPlaceFault) {
            guard case .plain(let host) = try RedisPlace(redis.revealedText).way else { return "" }
            return host.name
        } catch {
            return ""  // which the check of Redis itself says
        }
    }
}
