// swift-tools-version: 6.2

import PackageDescription

// The floors of the house, lowest first. A target may import only targets listed above it.
let package = Package(
    name: "roost",
    targets: [
        // Cellar: C libraries and the system calls Swift can't see. Headers only.
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "CPage", cSettings: [.unsafeFlags(["-std=gnu2x"])]),

        // Quiet floor: values that are told what happened and when. No socket, clock, task or die.
        .target(name: "Basics"),
        .target(name: "Crypto", dependencies: ["Basics", "COpenSSL"]),
        .target(name: "Wire", dependencies: ["Basics", "CZlib"]),
        .target(name: "Identity", dependencies: ["Basics", "Crypto", "Wire"]),
        .target(name: "Settings", dependencies: ["Basics", "Wire"]),
        .target(name: "Media", dependencies: ["Basics", "Crypto"]),

        // Working floor: sockets, files, threads and time.
        .target(name: "Store", dependencies: ["Basics", "CLinux", "CSQLite"]),
        .target(name: "IO", dependencies: ["Basics", "Crypto", "Wire", "CLinux"]),
        .target(
            name: "Server",
            dependencies: [
                "Basics", "Crypto", "Wire", "Identity", "Settings", "Store", "IO", "CPage",
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
                "Basics", "Crypto", "Wire", "Identity", "Settings", "Store", "IO", "Server",
                "Doctor", "CLinux",
            ]
        ),
        .executableTarget(
            name: "roost-drill",
            dependencies: ["Basics", "Crypto", "Wire", "Store", "IO"]
        ),

        .testTarget(name: "BasicsTests", dependencies: ["Basics"]),
        .testTarget(name: "CryptoTests", dependencies: ["Basics", "Crypto"]),
        .testTarget(name: "WireTests", dependencies: ["Basics", "Wire"]),
        .testTarget(name: "IdentityTests", dependencies: ["Basics", "Crypto", "Wire", "Identity"]),
        .testTarget(name: "SettingsTests", dependencies: ["Basics", "Wire", "Settings"]),
        .testTarget(name: "StoreTests", dependencies: ["Basics", "Store"]),
        .testTarget(name: "IOTests", dependencies: ["Basics", "Crypto", "Wire", "IO"]),
        .testTarget(name: "MediaTests", dependencies: ["Basics", "Crypto", "Media"]),
        .testTarget(
            name: "DoctorTests",
            dependencies: ["Basics", "Crypto", "Media", "Settings", "IO", "Doctor"]
        ),
        .testTarget(name: "DrillTests", dependencies: ["roost-drill"]),
        // The executable as its users run it, found beside the tests.
        .testTarget(name: "NodeTests", dependencies: ["Crypto", "Wire", "IO"]),
        .testTarget(name: "HouseTests"),
    ]
)

// Fuzzing wants the rooms under test built with coverage, so it has a build folder of its own:
// `make fuzz PARSER=…`.
let isFuzzing = Context.environment["ROOST_FUZZ"] != nil
if isFuzzing {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: ["Basics", "Crypto", "Wire", "Identity", "Settings", "Media", "Doctor"],
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
    if isFuzzing {
        target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer"]))
        target.swiftSettings?.append(.enableExperimentalFeature("Extern"))
    }
}
