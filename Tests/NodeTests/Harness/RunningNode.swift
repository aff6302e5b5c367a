import Foundation
import Glibc

/// `roost serve`, on ports that the kernel chose.
final class RunningNode {
    static let binary: String = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: bundle ?? "").deletingLastPathComponent().path + "/roost"
    }()

    let folder: Folder
    let child: Child
    let isSecure: Bool
    private(set) var port: UInt16 = 0
    private(set) var metricsPort: UInt16 = 0

    /// Starts a node and waits until it is ready. Settings are lines for its file.
    init(
        _ settings: String = "",
        in folder: Folder? = nil,
        listen: String = "127.0.0.1:0",
        environment: [String: String] = [:],
        under wrapper: [String] = [],
        by binary: String = binary
    ) throws {
        let folder = try folder ?? Folder()
        self.folder = folder
        isSecure = settings.contains("tls_certificate")
        try folder.write("roost.toml", settings)
        let options = [
            "--set", "http.listen=\(listen)", "--set", "metrics.listen=127.0.0.1:0", "--set",
            "node.threads=2", "--set", "media.udp_port=0", "--set", "media.tcp_port=0",
        ]
        let name = "node-" + UUID().uuidString.prefix(8)
        child = try Child(
            wrapper + [binary, "serve"] + options,
            as: name,
            in: folder,
            environment: environment
        )
        let isReady = eventually(within: .seconds(20)) {
            child.exitCode != nil || child.output.contains("Roost is ready")
        }
        guard isReady, child.exitCode == nil else {
            throw Child.Fault(description: "not ready: \(child.output)\(child.complaints)")
        }
        port = try number(after: "\"address\":\"\(isSecure ? "https" : "http")://localhost:")
        metricsPort = try number(after: "\"metrics\":\"127.0.0.1:")
    }

    /// What it has logged.
    var log: String { child.complaints }

    func logs(_ text: String, within patience: Duration = .seconds(10)) -> Bool {
        eventually(within: patience) { log.contains(text) }
    }

    /// Ends it as an operator would, and returns its exit code.
    @discardableResult
    func end() throws -> Int32 {
        child.signal(SIGTERM)
        return try child.waitUntilEnd()
    }

    /// One figure of the metrics page.
    func figure(_ name: String) throws -> Double {
        let page = try Client(port: metricsPort).get("/metrics").text
        let line = page.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
    }

    private func number(after mark: String) throws -> UInt16 {
        var all = ""
        // The log has a thread of its own, and comes a moment later.
        let hasCome = eventually {
            all = log + folder.text("roost.log")
            return all.contains(mark)
        }
        let digits = all.components(separatedBy: mark).last?.prefix { $0.isNumber } ?? ""
        guard hasCome, let number = UInt16(digits) else {
            throw Child.Fault(description: "no \(mark) in \(all)")
        }
        return number
    }
}

extension RunningNode {
    /// A connection to the public door.
    func connect(from source: String = "127.0.0.1") throws -> Client {
        try Client(port: port, from: source)
    }

    func get(_ path: String, _ fields: [String] = []) throws -> Client.Response {
        try connect().get(path, fields)
    }

    func post(
        _ path: String,
        _ body: String = "",
        _ fields: [String] = []
    ) throws
        -> Client.Response
    {
        try connect().post(path, body, fields)
    }

    /// Logs somebody in by name, and says what a browser would then know.
    func logIn(_ name: String = "ada") throws -> Login {
        Login(try post("/api/v4/users/login", #"{"login_id":"\#(name)","password":"x"}"#))
    }
}

/// What a login gives to its client.
struct Login {
    let answer: Client.Response
    var token: String { answer.field("token") ?? "" }
    var cookie: String {
        answer.all("set-cookie").compactMap { $0.split(separator: ";").first.map(String.init) }
            .joined(separator: "; ")
    }
    var csrf: String {
        cookie.components(separatedBy: "MMCSRF=").last?.prefix { $0 != ";" }.description ?? ""
    }
    var bearer: [String] { ["Authorization: Bearer \(token)"] }

    init(_ answer: Client.Response) {
        self.answer = answer
    }
}

/// Runs `roost` with some words until it ends.
struct Run {
    let code: Int32
    let output: String
    let complaints: String

    init(
        _ words: String...,
        in folder: Folder? = nil,
        environment: [String: String] = [:],
        under wrapper: [String] = []
    ) throws {
        let folder = try folder ?? Folder()
        let name = "run-" + UUID().uuidString.prefix(8)
        let child = try Child(
            wrapper + [RunningNode.binary] + words,
            as: name,
            in: folder,
            environment: environment
        )
        code = try child.waitUntilEnd()
        output = child.output
        complaints = child.complaints
    }
}
