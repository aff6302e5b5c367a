// swift-tools-version: 6.2

import PackageDescription

#if arch(x86_64)
let multiBuffer: [Target.Dependency] = ["CIPSec"]
#else
let multiBuffer: [Target.Dependency] = []
#endif

// The floors of the house, lowest first. A target may import only targets listed above it.
let package = Package(
    name: "roost",
    products: [
        // Not linked by anybody: drills load it into the processes that they start.
        .library(name: "ClockShift", type: .dynamic, targets: ["ClockShift"])
    ],
    targets: [
        // Cellar: C libraries and the system calls Swift can't see. Headers only.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // Without pkgConfig: hiredis' asks for a flag that SwiftPM does not pass on, and warns of.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CLinux"),
        // Beside which the tests hold our own SRTP and SCTP. Without pkgConfig, for SwiftPM would warn
        // whoever just builds Roost that they are missing.
        .systemLibrary(name: "CSRTP"),
        .systemLibrary(name: "CUSRSCTP"),
        .target(name: "CPage", cSettings: [.unsafeFlags(["-std=gnu2x"])]),
        .target(name: "CScripts", cSettings: [.unsafeFlags(["-std=gnu2x"])]),
        .target(name: "ClockShift"),

        // Quiet floor: values that are told what happened and when. No socket, clock, task or die.
        .target(name: "Basics"),
        .target(name: "Crypto", dependencies: ["Basics", "COpenSSL"] + multiBuffer),
        .target(name: "Wire", dependencies: ["Basics", "CZlib"]),
        .target(name: "Identity", dependencies: ["Basics", "Crypto", "Wire"]),
        .target(name: "Settings", dependencies: ["Basics", "Wire"]),
        .target(name: "Media", dependencies: ["Basics", "Crypto"]),
        .target(name: "Callers", dependencies: ["Basics", "Crypto", "Media"]),
        .target(name: "Calls", dependencies: ["Basics", "Wire"]),
        .target(name: "Coordination", dependencies: ["Basics"]),
        .target(name: "Rehearsal", dependencies: ["Basics", "Coordination"]),

        // Working floor: sockets, files, threads and time.
        .target(name: "Store", dependencies: ["Basics", "CLinux", "CSQLite"]),
        .target(
            name: "IO",
            dependencies: ["Basics", "Crypto", "Wire", "CHiredis", "CLinux"]
        ),
        .target(
            name: "Cluster",
            dependencies: [
                "Basics", "Crypto", "Wire", "Coordination", "Store", "IO", "CScripts",
            ]
        ),
        .target(
            name: "Server",
            dependencies: [
                "Basics", "Crypto", "Wire", "Identity", "Settings", "Media", "Calls",
                "Coordination", "Store", "IO", "Cluster", "CPage",
            ]
        ),
        .target(
            name: "Doctor",
            dependencies: ["Basics", "Crypto", "Wire", "Settings", "Media", "IO", "CLinux"]
        ),

        // Front doors.
        .executableTarget(
            name: "roost",
            dependencies: [
                "Basics", "Crypto", "Wire", "Identity", "Settings", "Store", "IO", "Cluster",
                "Server",
                "Doctor", "CLinux",
            ]
        ),
        .executableTarget(
            name: "roost-drill",
            dependencies: [
                "Basics", "Crypto", "Wire", "Identity", "Media", "Callers", "Coordination",
                "Rehearsal", "Store", "IO", "Cluster", "CLinux",
            ]
        ),

        .testTarget(name: "BasicsTests", dependencies: ["Basics"]),
        .testTarget(name: "CryptoTests", dependencies: ["Basics", "Crypto", "COpenSSL"]),
        .testTarget(name: "WireTests", dependencies: ["Basics", "Wire"]),
        .testTarget(name: "IdentityTests", dependencies: ["Basics", "Crypto", "Wire", "Identity"]),
        .testTarget(name: "SettingsTests", dependencies: ["Basics", "Wire", "Settings"]),
        .testTarget(name: "StoreTests", dependencies: ["Basics", "Store"]),
        .testTarget(name: "IOTests", dependencies: ["Basics", "Crypto", "Wire", "IO"]),
        .testTarget(
            name: "MediaTests",
            dependencies: ["Basics", "Crypto", "Media", "CSRTP", "CUSRSCTP"]
        ),
        .testTarget(
            name: "ClusterTests",
            dependencies: [
                "Basics", "Crypto", "Wire", "Coordination", "Rehearsal", "Store", "IO", "Cluster",
            ]
        ),
        .testTarget(name: "CallersTests", dependencies: ["Basics", "Crypto", "Media", "Callers"]),
        .testTarget(name: "CallsTests", dependencies: ["Basics", "Wire", "Calls"]),
        .testTarget(
            name: "CoordinationTests",
            dependencies: ["Basics", "Coordination", "Rehearsal"]
        ),
        .testTarget(
            name: "DoctorTests",
            dependencies: ["Basics", "Crypto", "Media", "Settings", "IO", "Doctor"]
        ),
        .testTarget(name: "DrillTests", dependencies: ["Basics", "roost-drill"]),
        // The executable as its users run it, found beside the tests.
        .testTarget(name: "NodeTests", dependencies: ["Crypto", "Wire", "IO"]),
        .testTarget(name: "HouseTests"),
    ]
)

// Intel's multi-buffer library encrypts packets several times faster than OpenSSL, and exists for
// this kind of processor only.
#if arch(x86_64)
package.targets.insert(
    .systemLibrary(name: "CIPSec", providers: [.apt(["libipsec-mb-dev"])]),
    at: 0
)
#endif

// ROOST_ROOMS=MediaTests,CryptoTests builds these alone, with what they stand on: a minute saved at
// each cold build.
if let wanted = Context.environment["ROOST_ROOMS"]?.split(separator: ",").map(String.init) {
    var kept = Set(wanted)
    for target in package.targets.reversed() where kept.contains(target.name) {
        for case .byNameItem(let name, _) in target.dependencies { kept.insert(name) }
    }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products.removeAll { !kept.contains($0.name) }
}

// Fuzzing wants the rooms under test built with coverage, so it has a build folder of its own:
// `make fuzz PARSER=…`. After each input libFuzzer looks at every place that it watches, reached or
// not: ROOST_FUZZ=Wire,Identity watches these rooms alone, at half the price of ROOST_FUZZ=all.
let fuzzing = Context.environment["ROOST_FUZZ"]
let watched = fuzzing.map { Set($0.split(separator: ",").map(String.init)) } ?? []
if fuzzing != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "Basics", "Crypto", "Wire", "Identity", "Settings", "Media", "Calls",
                "Coordination", "IO", "Cluster", "Doctor", "Server",
            ],
            path: "Tests/Fuzz",
            exclude: ["Seeds"],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
        )
    )
}

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableExperimentalFeature("Lifetimes"),
    ]
    if fuzzing != nil {
        target.swiftSettings?.append(.enableExperimentalFeature("Extern"))
    }
    if watched.contains("all") || watched.contains(target.name) {
        target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer"]))
    }
}
