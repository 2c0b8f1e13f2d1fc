import Registry

extension Command {
    /// `cccd registry status`: how much a registry knows and how old that is.
    static let registryStatus = Command(
        name: "registry status",
        usage: "--registry URL [--copy FILE] [--json]",
        summary: "Tell how many records a registry has and how old they are.",
        options: [RegistryOptions.registry, RegistryOptions.copy, RegistryOptions.json],
        notes: "Exit status: 0, or 1 when the records are older than their source promises.",
        run: { arguments in
            _ = try arguments.positional()
            let status = try RegistryOptions.open(arguments).status()
            if arguments.has("--json") {
                try Console.printJSON(status)
            } else {
                print(status)
            }
            return status.isOlderThanPromised == true ? .no : .yes
        })

    /// `cccd registry copy`: brings this machine's copy of a server's registry up to date.
    static let registryCopy = Command(
        name: "registry copy",
        usage: "--registry postgresql://… --copy FILE [--json]",
        summary: "Bring this machine's copy of a server's registry up to date.",
        options: [RegistryOptions.registry, RegistryOptions.copy, RegistryOptions.json],
        notes:
            "Takes over what changed since the last time; everything when there is no copy yet, or too much changed.",
        run: { arguments in
            _ = try arguments.positional()
            guard case .server(let address) = try RegistryOptions.location(arguments),
                let copy = arguments.value("--copy")
            else { throw UsageError(description: "a copy needs --registry postgresql://… and --copy FILE") }
            let refresh = try SharedRegistry(address, copy: copy).refreshCopy()
            if arguments.has("--json") {
                try Console.printJSON(refresh)
            } else {
                print(refresh)
            }
            return .yes
        })
}
