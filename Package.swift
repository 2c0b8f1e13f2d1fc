// swift-tools-version: 6.2
import PackageDescription

/// Every part of ours that is not a test says `unsafe` where it touches a raw pointer, and borrows bytes by `RawSpan`.
let house: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "cccd",
    products: [
        .executable(name: "cccd", targets: ["cccd"]),
        .library(name: "CardReader", targets: ["CardReader", "Document", "Crypto"]),
        .library(name: "Verifier", targets: ["Verifier", "Document", "Crypto"]),
    ],
    targets: [
        .systemLibrary(
            name: "COpenSSL", path: "Sources/System/COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CPCSC", path: "Sources/System/CPCSC", pkgConfig: "libpcsclite",
            providers: [.apt(["libpcsclite-dev"])]),
        .systemLibrary(
            name: "CSQLite", path: "Sources/System/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]
        ),
        .systemLibrary(
            name: "CMicroHTTPD", path: "Sources/System/CMicroHTTPD", pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(
            name: "CPostgreSQL", path: "Sources/System/CPostgreSQL", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CCurl", path: "Sources/System/CCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        // Optional, and loaded at run time: so it names no package.
        .systemLibrary(name: "CIPSecMB", path: "Sources/System/CIPSecMB"),
        .systemLibrary(
            name: "COpenJPEG", path: "Sources/System/COpenJPEG", pkgConfig: "libopenjp2",
            providers: [.apt(["libopenjp2-7-dev"])]),
        .systemLibrary(
            name: "CPNG", path: "Sources/System/CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(
            name: "CSeccomp", path: "Sources/System/CSeccomp", pkgConfig: "libseccomp",
            providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CProcessor", path: "Sources/System/CProcessor"),

        .target(name: "Crypto", dependencies: ["COpenSSL", "CIPSecMB", "CProcessor"], swiftSettings: house),
        .target(name: "Document", swiftSettings: house),
        .target(name: "Verifier", dependencies: ["Document", "Crypto"], swiftSettings: house),
        .target(name: "CardReader", dependencies: ["Document", "Crypto", "CPCSC"], swiftSettings: house),
        .target(
            name: "Registry", dependencies: ["CSQLite", "CPostgreSQL", "CCurl"], exclude: ["Rules/README.md"],
            resources: [
                .embedInCode("Rules/codes.csv"), .embedInCode("Rules/levels.csv"), .embedInCode("Rules/groups.csv"),
                .embedInCode("Rules/facility-shares.csv"),
            ],
            swiftSettings: house),
        .target(
            name: "Daemon", dependencies: [
                "CardReader", "Registry", "Verifier", "Portrait", "Document", "Crypto", "CMicroHTTPD",
            ],
            resources: [.embedInCode("OpenAPI/openapi.json"), .embedInCode("Page/Files")], swiftSettings: house),
        .target(
            name: "Portrait", dependencies: ["Document", "COpenJPEG", "CPNG", "CSeccomp"], swiftSettings: house),
        .target(name: "Simulator", dependencies: ["Document", "Crypto"], swiftSettings: house),
        .executableTarget(
            name: "cccd",
            dependencies: [
                "Daemon", "Simulator", "CardReader", "Registry", "Verifier", "Portrait", "Document", "Crypto",
            ],
            resources: [.embedInCode("Build/facts.txt")], swiftSettings: house),

        .executableTarget(
            name: "registry-benchmark", dependencies: ["Registry", "CSQLite"], path: "Benchmarks/Registry",
            exclude: [
                "README.md", "kill-test.sh", "full-disk-test.sh", "import-beside-sqlite.sh", "import-beside-psql.sh",
            ], swiftSettings: house),

        .executableTarget(
            name: "load-benchmark", dependencies: ["CMicroHTTPD"], path: "Benchmarks/Load", exclude: ["README.md", "run.sh"],
            swiftSettings: house),

        .executableTarget(
            name: "reading-benchmark", dependencies: ["CardReader", "Simulator", "Verifier", "Document", "Crypto"],
            path: "Benchmarks/Reading", exclude: ["README.md"], swiftSettings: house),

        .executableTarget(
            name: "hostile-benchmark", dependencies: ["Verifier", "Simulator", "Document", "Crypto"],
            path: "Benchmarks/HostileSecurityObjects", exclude: ["README.md"], swiftSettings: house),

        // How the parts are used as libraries; each is one file, and is run by a test.
        .executableTarget(
            name: "verify-card-image", dependencies: ["Verifier", "Document"], path: "Examples/VerifyCardImage",
            swiftSettings: house),
        .executableTarget(
            name: "read-card", dependencies: ["CardReader", "Verifier", "Document"], path: "Examples/ReadCard",
            swiftSettings: house),
        .executableTarget(
            name: "verify-archive", dependencies: ["Verifier"], path: "Examples/VerifyArchive", swiftSettings: house),

        .target(name: "TestSupport", path: "Tests/Support"),
        .testTarget(name: "CryptoTests", dependencies: ["Crypto", "TestSupport"], path: "Tests/Crypto"),
        .testTarget(name: "DocumentTests", dependencies: ["Document", "TestSupport"], path: "Tests/Document"),
        .testTarget(
            name: "VerifierTests", dependencies: ["Verifier", "Simulator", "Document", "Crypto", "TestSupport"],
            path: "Tests/Verifier"
        ),
        .testTarget(
            name: "CardReaderTests", dependencies: ["CardReader", "Document", "Crypto", "TestSupport"],
            path: "Tests/CardReader"),
        .testTarget(
            name: "RegistryTests", dependencies: ["Registry", "TestSupport"], path: "Tests/Registry",
            exclude: ["gateway-server.py"]),
        .testTarget(
            name: "PortraitTests", dependencies: ["Portrait", "Document", "TestSupport"], path: "Tests/Portrait"),
        .testTarget(name: "DaemonTests", dependencies: ["Daemon", "Document", "Crypto", "TestSupport"], path: "Tests/Daemon"),
        .testTarget(
            name: "SimulatorTests", dependencies: ["Simulator", "Document", "Crypto", "TestSupport"],
            path: "Tests/Simulator"),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "cccd", "CardReader", "Simulator", "Verifier", "Registry", "Daemon", "Portrait", "Document", "Crypto",
                "TestSupport",
            ],
            path: "Tests/Integration"),
        // Runs what README and docs tell to type; needs the programs built, and none of their code.
        .testTarget(
            name: "DocumentationTests",
            dependencies: ["cccd", "verify-card-image", "read-card", "verify-archive", "TestSupport"],
            path: "Tests/Documentation", exclude: ["session.sh"]),
    ],
    swiftLanguageModes: [.v6]
)
