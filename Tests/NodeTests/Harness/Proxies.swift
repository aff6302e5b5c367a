import Foundation
import Glibc

/// nginx or HAProxy before a node, each on a port of its own.
struct Proxy {
    let port: UInt16
    private let child: Child
    /// Where it writes a line for every request that it sees.
    private let logName: String

    /// How many requests it has seen.
    var requestCount: Int {
        child.folder.text(logName).split(separator: "\n").count { $0.hasPrefix("seen ") }
    }

    private init(
        _ command: [String],
        _ name: String,
        log: String,
        port: UInt16,
        in folder: Folder
    ) throws {
        self.port = port
        logName = log
        child = try Child(command, as: name, in: folder)
        let isThere = eventually { (try? Client(port: port)) != nil }
        guard isThere else { throw Child.Fault(description: "\(name): \(child.complaints)") }
    }

    static func nginx(before node: RunningNode) throws -> Proxy {
        let port = try freePort()
        let folder = node.folder
        try folder.write(
            "nginx.conf",
            """
            daemon off; master_process off; pid nginx.pid; error_log nginx.err;
            events { worker_connections 200; }
            http {
              log_format seen 'seen $status $request';
              access_log nginx.seen seen;
              client_body_temp_path n1; proxy_temp_path n2; fastcgi_temp_path n3;
              uwsgi_temp_path n4; scgi_temp_path n5;
              map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
              upstream roost { server 127.0.0.1:\(node.port); keepalive 16; }
              server {
                listen 127.0.0.1:\(port);
                location / {
                  proxy_pass http://roost;
                  proxy_http_version 1.1;
                  proxy_set_header Host $http_host;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $connection_upgrade;
                  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                  proxy_set_header X-Forwarded-Proto $scheme;
                  proxy_read_timeout 120s;
                }
              }
            }
            """
        )
        return try Proxy(
            [Program.nginx.path, "-p", folder.path, "-c", "nginx.conf"],
            "nginx",
            log: "nginx.seen",
            port: port,
            in: folder
        )
    }

    enum Speech: String {
        case http
        case proxyV1 = "send-proxy"
        case proxyV2 = "send-proxy-v2"
    }

    static func haproxy(before node: RunningNode, speaking speech: Speech) throws -> Proxy {
        let port = try freePort()
        let mode = speech == .http ? "http" : "tcp"
        let words = speech == .http ? "" : speech.rawValue
        try node.folder.write(
            "haproxy-\(speech.rawValue).cfg",
            """
            global
              log stdout format raw local0
            defaults
              mode \(mode)
              log global
              timeout connect 5s
              timeout client 30s
              timeout server 30s
              timeout tunnel 120s
            frontend door
              bind 127.0.0.1:\(port)
              log-format "seen %ST"
              \(speech == .http ? "option forwardfor" : "")
              default_backend roost
            backend roost
              server node 127.0.0.1:\(node.port) \(words)

            """
        )
        return try Proxy(
            [Program.haproxy.path, "-db", "-f", "haproxy-\(speech.rawValue).cfg"],
            "haproxy-\(speech.rawValue)",
            log: "haproxy-\(speech.rawValue).out",
            port: port,
            in: node.folder
        )
    }

    /// A port that nobody has at this moment. None that the kernel gives to those who connect: it may have done so by the
    /// time a server wants it.
    static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 20_000..<32_768)
            if isFree(port) { return port }
        }
        throw Child.Fault(description: "a hundred ports are taken")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) == 0
            }
        }
    }
}
