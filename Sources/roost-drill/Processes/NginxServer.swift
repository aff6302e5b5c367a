internal import Basics
internal import Glibc
internal import IO

/// An nginx of our own with two workers, which answers /version with the same bytes as Roost.
struct NginxServer {
    let address: SocketAddress
    private let child: Child

    init(answering body: String) throws {
        guard unsafe access("/usr/sbin/nginx", X_OK) == 0 else {
            throw DrillFault("there is no nginx here; run cluster/setup bench")
        }
        address = SocketAddress(ip: .loopback, port: try Workbench.freePort())
        let folder = try Workbench.path("")
        let path = try Workbench.path("nginx.conf")
        let configuration = """
            daemon off;
            worker_processes 2;
            pid \(folder)nginx.pid;
            error_log stderr warn;
            events { worker_connections 4096; }
            http {
                access_log off;
                keepalive_requests 1000000000;
                client_body_temp_path \(folder)body;
                proxy_temp_path \(folder)proxy;
                fastcgi_temp_path \(folder)fastcgi;
                uwsgi_temp_path \(folder)uwsgi;
                scgi_temp_path \(folder)scgi;
                server {
                    listen \(address);
                    location = /version {
                        default_type application/json;
                        return 200 '\(body)';
                    }
                }
            }
            """
        try Workbench.write([UInt8](configuration.utf8), to: path)
        child = try Child("/usr/sbin/nginx", ["-c", path, "-e", "stderr"], name: "nginx")
    }

    func waitUntilReady() throws {
        let end = Loop.readClock() + .seconds(20)
        while Loop.readClock() < end {
            if let answer = try? LoopbackHTTP.get("/version", at: address), answer.status == 200 {
                return
            }
            guard !child.hasEnded() else { break }
            usleep(1_000)
        }
        throw DrillFault("nginx did not become ready; it said:\n\(try child.said())")
    }

    func end() { child.end() }

    func workers() throws -> [pid_t] { try ProcessReading.children(of: child.pid) }
}
