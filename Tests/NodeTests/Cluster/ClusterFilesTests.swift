import Foundation
import Testing

extension `A node` {
    /// The files in cluster/, held against the programs that read them.
    @Suite struct `set up from the files that come with it` {
        private static let root = URL(filePath: #filePath)
            .deletingLastPathComponent().appending(path: "../../..").standardizedFileURL.path

        private func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(Self.root)/\(name)", encoding: .utf8)
        }

        private func check(
            _ command: [String],
            environment: [String: String] = [:],
            in folder: Folder
        ) throws -> (code: Int32, said: String) {
            let name = "check-" + UUID().uuidString.prefix(8)
            let child = try Child(command, as: name, in: folder, environment: environment)
            let code = try child.waitUntilEnd()
            return (code, child.output + child.complaints)
        }

        @Test(.enabled(if: Program.haproxy.isThere))
        func `gives HAProxy what it takes`() throws {
            let file = "\(Self.root)/cluster/haproxy/haproxy.cfg"
            let (code, said) = try check(
                [Program.haproxy.path, "-c", "-f", file],
                in: try Folder()
            )
            #expect(code == 0, "\(said)")
        }

        @Test(.enabled(if: Program.nginx.isThere))
        func `gives nginx what it takes`() throws {
            let folder = try Folder()
            try folder.write(
                "nginx.conf",
                """
                pid nginx.pid; error_log stderr;
                events {}
                http {
                  access_log off; client_body_temp_path n1; proxy_temp_path n2;
                  fastcgi_temp_path n3; uwsgi_temp_path n4; scgi_temp_path n5;
                  include \(Self.root)/cluster/nginx/roost.conf;
                }
                """
            )
            let (code, said) = try check(
                [Program.nginx.path, "-t", "-p", folder.path, "-c", "nginx.conf"],
                in: folder
            )
            #expect(code == 0, "\(said)")
        }

        @Test(.enabled(if: Program.systemdAnalyze.isThere))
        func `gives systemd a unit that it finds nothing wrong with, and little to fear from`()
            throws
        {
            let folder = try Folder()
            let unit = try text("cluster/systemd/roost.service")
            try folder.write(
                "roost.service",
                unit.replacing("/usr/local/bin/roost", with: RunningNode.binary)
            )
            let (code, said) = try check(
                [Program.systemdAnalyze.path, "verify", folder.path("roost.service")],
                in: folder
            )
            #expect(code == 0 && said.isEmpty, "\(said)")
            // From 0, safe, to 100.
            let exposure = try check(
                [
                    Program.systemdAnalyze.path, "security", "--offline=yes", "--threshold=20",
                    "--no-pager", folder.path("roost.service"),
                ],
                in: folder
            )
            #expect(exposure.code == 0, "\(exposure.said)")
        }

        @Test(.enabled(if: Program.promtool.isThere))
        func `gives Prometheus what it takes`() throws {
            let (code, said) = try check(
                ["promtool", "check", "config", "\(Self.root)/cluster/observe/prometheus.yml"],
                in: try Folder()
            )
            #expect(code == 0, "\(said)")
        }

        @Test(.enabled(if: Program.promtool.isThere))
        func `wakes somebody when it should`() throws {
            let folder = try Folder()
            try folder.write("alerts.yml", try text("cluster/observe/alerts.yml"))
            try folder.write(
                "test.yml",
                """
                rule_files: [alerts.yml]
                evaluation_interval: 5s
                tests:
                  - interval: 5s
                    input_series:
                      - series: 'up{job="roost",instance="node-1:8067"}'
                        values: '1x12 0x20'
                      - series: 'up{job="roost",instance="node-2:8067"}'
                        values: '1x40'
                      - series: 'mattermost_plugin_calls_store_faults_total{job="roost",instance="node-2:8067"}'
                        values: '0x20 1x20'
                      - series: 'roost_cluster_links{job="roost",instance="node-1:8067"}'
                        values: '1x40'
                      - series: 'roost_cluster_links{job="roost",instance="node-2:8067"}'
                        values: '0x40'
                      - series: 'roost_cluster_holding{job="roost",instance="node-2:8067"}'
                        values: '1x4 0x36'
                      - series: 'roost_cluster_fenced_total{job="roost",instance="node-2:8067"}'
                        values: '0x4 1x36'
                      - series: 'roost_cluster_certificate_not_after_seconds{job="roost",instance="node-1:8067"}'
                        values: '604850x40'
                      - series: 'roost_cluster_certificate_not_after_seconds{job="roost",instance="node-2:8067"}'
                        values: '1000000x40'
                    alert_rule_test:
                      - eval_time: 30s
                        alertname: RoostLinkCertificateEnds
                      - eval_time: 55s
                        alertname: RoostLinkCertificateEnds
                        exp_alerts:
                          - exp_labels: { severity: ticket, job: roost, instance: 'node-1:8067' }
                            exp_annotations:
                              summary: node-1:8067 has a certificate for links that expires within a week
                              action: Links that are there go on after its end, and no new one is made. Make another with roost cluster init, put it where the node's settings say, and restart the node.
                      - eval_time: 30s
                        alertname: RoostMayNotHost
                      - eval_time: 50s
                        alertname: RoostMayNotHost
                        exp_alerts:
                          - exp_labels: { severity: page, job: roost, instance: 'node-2:8067' }
                            exp_annotations:
                              summary: node-2:8067 may not host calls
                              action: Neither Redis nor enough other nodes answer it. roost cluster status there says what stands in the way; see to the network between it and them.
                      - eval_time: 15s
                        alertname: RoostFenced
                      - eval_time: 50s
                        alertname: RoostFenced
                        exp_alerts:
                          - exp_labels: { severity: ticket, job: roost, instance: 'node-2:8067' }
                            exp_annotations:
                              summary: node-2:8067 lost its right to host, and its calls to others
                              action: It was frozen, or cut off, for longer than half a second. Its log says which; look at the machine's load, memory and network at that time.
                      - eval_time: 25s
                        alertname: RoostLinkMissing
                      - eval_time: 55s
                        alertname: RoostLinkMissing
                        exp_alerts:
                          - exp_labels: { severity: page, job: roost, instance: 'node-2:8067' }
                            exp_annotations:
                              summary: node-2:8067 has no link to each of the others
                              action: Can it reach their cluster.advertise, and they its own? Have all the same cluster.secret, or certificates of one authority? Its log names who refused whom.
                      - eval_time: 1m
                        alertname: RoostNodeDown
                      - eval_time: 100s
                        alertname: RoostNodeDown
                        exp_alerts:
                          - exp_labels: { severity: page, job: roost, instance: 'node-1:8067' }
                            exp_annotations:
                              summary: node-1:8067 does not answer
                              action: Its calls go on elsewhere within seconds, or begin anew. Look at its log and at the machine; start it again.
                      - eval_time: 90s
                        alertname: RoostStoreFaults
                      - eval_time: 150s
                        alertname: RoostStoreFaults
                        exp_alerts:
                          - exp_labels: { severity: page, job: roost, instance: 'node-2:8067' }
                            exp_annotations:
                              summary: node-2:8067 could not store or read what it had to
                              action: Its log says what and why. In a cluster look at Redis (memory, replicas, ACL), else at the disk of store.path.
                """
            )
            let (code, said) = try check(["promtool", "test", "rules", "test.yml"], in: folder)
            #expect(code == 0, "\(said)")
        }

        @Test func `looks only at figures that there are`() throws {
            let node = try RunningNode()
            _ = try node.get("/missing/page")
            let page = try Client(port: node.metricsPort).get("/metrics").text
            let kinds = page.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            let figures = Set(kinds.map { String($0.split(separator: " ")[2]) })
            #expect(figures.count > 50)
            let clusters = try namesInSources(of: "Cluster").union(namesInSources(of: "Server"))
            let names = /\b(?:roost|mattermost_plugin_calls|process)_[a-zA-Z0-9_]+/
            for file in ["alerts.yml", "dashboard.json"] {
                let found = try text("cluster/observe/\(file)").matches(of: names).map {
                    String($0.output)
                }
                #expect(found.count > 10)
                for name in found {
                    let base = ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }
                        .map { String(name.dropLast($0.count)) }
                    let isThere =
                        figures.contains(name) || base.map(figures.contains) == true
                        || clusters.contains(name)
                    #expect(isThere, "\(file) looks at \(name), which no node shows")
                }
            }
        }

        /// What a room has between quotes, its figures among it: a node alone does not show them.
        private func namesInSources(of room: String) throws -> Set<String> {
            let folder = "\(Self.root)/Sources/\(room)"
            var names: Set<String> = []
            for file in try FileManager.default.subpathsOfDirectory(atPath: folder)
            where file.hasSuffix(".swift") {
                let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
                names.formUnion(text.matches(of: /"([a-z_]+)"/).map { String($0.1) })
            }
            return names
        }

        @Test func `has a dashboard whose panels lie beside each other`() throws {
            let data = Data(try text("cluster/observe/dashboard.json").utf8)
            let board = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            let panels = try #require(board["panels"] as? [[String: Any]])
            var taken: Set<[Int]> = []
            for panel in panels {
                let place = try #require(panel["gridPos"] as? [String: Int])
                let (x, y) = (place["x"] ?? 0, place["y"] ?? 0)
                let (width, height) = (place["w"] ?? 0, place["h"] ?? 0)
                #expect(x >= 0 && x + width <= 24 && width > 0 && height > 0)
                for column in x..<x + width {
                    for line in y..<y + height {
                        #expect(taken.insert([column, line]).inserted, "\(panel["title"] ?? "")")
                    }
                }
            }
            #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        }

        @Test(.enabled(if: Program.dockerCompose.isThere))
        func `gives docker-compose what it takes, and nodes settings that they take`() throws {
            let folder = try Folder()
            let secret = String(repeating: "0123456789abcdef", count: 4)
            let (code, said) = try check(
                [Program.dockerCompose.path, "-f", "\(Self.root)/docker-compose.yml", "config"],
                environment: ["ROOST_CLUSTER_SECRET": secret],
                in: folder
            )
            try #require(code == 0, "\(said)")
            let member = /^ +(ROOST_[A-Z_0-9]+): ['"]?([^'"]*)['"]?$/
            for number in 1...3 {
                let part = try #require(said.range(of: "\n  node-\(number):\n"))
                var settings: [String: String] = [:]
                for line in said[part.upperBound...].split(separator: "\n") {
                    if line.hasPrefix("  "), !line.hasPrefix("   ") { break }
                    guard let match = line.firstMatch(of: member) else { continue }
                    settings[String(match.1)] = String(match.2)
                }
                #expect(settings["ROOST_NODE_NAME"] == "node-\(number)")
                #expect(settings.count >= 10)
                let run = try Run("config", "check", in: folder, environment: settings)
                #expect(run.code == 0, "\(run.complaints)")
                #expect(run.output.contains("\(settings.count) given"))
            }
        }

        @Test(.enabled(if: Program.dockerCompose.isThere))
        func `has docker-compose ask for a secret, and how to make one`() throws {
            let (code, said) = try check(
                [Program.dockerCompose.path, "-f", "\(Self.root)/docker-compose.yml", "config"],
                in: try Folder()
            )
            #expect(code != 0)
            #expect(said.contains("make one: export ROOST_CLUSTER_SECRET=`openssl rand -hex 32`"))
        }
    }
}
