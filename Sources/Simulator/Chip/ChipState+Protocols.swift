import Crypto

/// The commands of access control and of the proofs that the chip is the original (Doc 9303-11, 4.3, 4.4, 6.1, 6.2).
extension ChipState {
    mutating func getChallenge(_ command: CommandAPDU) throws(ChipRefusal) -> ChipResponse {
        guard command.parameters == 0 else { throw ChipRefusal(status: .wrongParameters) }
        guard acceptsBasicAccessControl || hasAccess else { throw ChipRefusal(status: .conditionsNotSatisfied) }
        guard command.expectedCount == 8 || command.expectsAll else { throw ChipRefusal(status: .wrongLength) }
        let nonce = try refusing { () throws(CryptoError) in try randomness.bytes(8) }
        challenge = nonce
        return ChipResponse(data: nonce)
    }

    /// BAC, or the terminal's signature. BAC needs the application, the challenge of the command before, and no session yet.
    mutating func externalAuthenticate(
        _ command: CommandAPDU, challenge: [UInt8]?
    ) throws(ChipRefusal) -> ChipResponse {
        guard command.parameters == 0 else { throw ChipRefusal(status: .wrongParameters) }
        if hasAccess, terminals.awaitsSignature {
            guard let challenge else { throw ChipRefusal(status: .conditionsNotSatisfied) }
            try terminals.authenticate(command.data, challenge: challenge)
            return ChipResponse()
        }
        guard let challenge, directory == .application, !hasAccess, acceptsBasicAccessControl else {
            throw ChipRefusal(status: .conditionsNotSatisfied)
        }
        let control = try refusing { () throws(CryptoError) in
            try BasicAccessControl(mrzInformation: secrets.mrzInformation)
        }
        let (response, channel) = try control.answer(command.data, challenge: challenge, randomness: randomness)
        nextChannel = channel
        // The document number with its check digit (7.1.2).
        terminals.chipIdentifier = Array(secrets.mrzInformation.utf8.prefix(10))
        return ChipResponse(data: response)
    }

    /// PSO:Verify Certificate.
    mutating func verifyCertificate(_ command: CommandAPDU) throws(ChipRefusal) -> ChipResponse {
        guard command.parameters == 0x00BE else { throw ChipRefusal(status: .wrongParameters) }
        guard hasAccess else { throw ChipRefusal(status: .securityStatusNotSatisfied) }
        try terminals.verify(command.data)
        return ChipResponse()
    }

    mutating func manageSecurityEnvironment(_ command: CommandAPDU) throws(ChipRefusal) -> ChipResponse {
        let environment = try SecurityEnvironment(command.data)
        switch command.parameters {
        case 0xC1A4: try setPACE(environment)
        case 0x41A4: try setChipAuthentication(environment)
        case 0x41A6: try performKeyAgreement(environment)
        case 0x81B6 where hasAccess: try terminals.selectVerifying(environment[0x83])
        case 0x81A4 where hasAccess: try terminals.selectTerminal(environment[0x83])
        case 0x81B6, 0x81A4: throw ChipRefusal(status: .securityStatusNotSatisfied)
        default: throw ChipRefusal(status: .wrongParameters)
        }
        return ChipResponse()
    }

    /// MSE:Set AT for PACE (4.4.4.1).
    private mutating func setPACE(_ environment: SecurityEnvironment) throws(ChipRefusal) {
        guard directory == .masterFile else { throw ChipRefusal(status: .conditionsNotSatisfied) }
        guard let mechanism = environment.mechanism else { throw ChipRefusal(status: .wrongData) }
        let offers = pace.filter { $0.identifier == mechanism }
        guard !offers.isEmpty else { throw ChipRefusal(status: .wrongData) }
        let chosen =
            environment[0x84] == nil ? offers : offers.filter { UInt64($0.parameterID) == environment.reference }
        guard let reference = environment[0x83], reference.count == 1,
            let password = Password(rawValue: reference[0]), let offer = chosen.first, chosen.count == 1
        else { throw ChipRefusal(status: .referencedDataNotFound) }
        let paceSecrets = try paceSecrets(password, offer)
        guard triesLeft[password] != 0 else { throw ChipRefusal(status: .authenticationMethodBlocked) }
        if misbehaviour.badKey != nil { misbehaviour.cameToPass = true }
        let exchange = try PACEExchange(
            offer, secrets: paceSecrets, randomness: randomness, badKey: misbehaviour.badKey)
        paceExchange = (exchange, password)
    }

    /// What the chip brings to PACE with that password by that way.
    private func paceSecrets(_ password: Password, _ offer: PACEOffer) throws(ChipRefusal) -> PACESecrets {
        let curve = NamedCurve(standardizedDomainParameterID: offer.parameterID)
        return PACESecrets(
            password: try passwordSecret(password),
            mappingKey: secrets.mappingKeys.first { $0.curve != nil && $0.curve == curve },
            certificationAuthorities: terminals.references)
    }

    /// f(π) of Doc 9303-11, table 14.
    private func passwordSecret(_ password: Password) throws(ChipRefusal) -> [UInt8] {
        switch password {
        case .mrz:
            return try refusing { () throws(CryptoError) in
                try Digest.hash(Array(secrets.mrzInformation.utf8), with: .sha1)
            }
        case .can:
            guard let number = secrets.cardAccessNumber else { throw ChipRefusal(status: .referencedDataNotFound) }
            return Array(number.utf8)
        }
    }

    /// MSE:Set AT for chip authentication (6.2.4.2).
    private mutating func setChipAuthentication(_ environment: SecurityEnvironment) throws(ChipRefusal) {
        guard hasAccess else { throw ChipRefusal(status: .securityStatusNotSatisfied) }
        let keys = secrets.chipAuthenticationKeys.filter { $0.identifier == environment.mechanism }
        guard !keys.isEmpty else { throw ChipRefusal(status: .wrongData) }
        chipAuthenticationKey = try chosen(keys, environment)
    }

    /// MSE:Set KAT, which performs chip authentication with 3DES in one command (6.2.4.1).
    private mutating func performKeyAgreement(_ environment: SecurityEnvironment) throws(ChipRefusal) {
        guard hasAccess else { throw ChipRefusal(status: .securityStatusNotSatisfied) }
        guard let terminalKey = environment[0x91] else { throw ChipRefusal(status: .wrongData) }
        let keys = secrets.chipAuthenticationKeys.filter { $0.cipher == .tripleDES }
        try agree(with: chosen(keys, environment), terminalKey)
    }

    private mutating func agree(with key: ChipAuthenticationKey, _ terminalKey: [UInt8]) throws(ChipRefusal) {
        let result = try key.agree(terminalKey: terminalKey)
        nextChannel = result.channel
        terminals.restart(terminalIdentifier: result.terminalIdentifier)
    }

    private func chosen(
        _ keys: [ChipAuthenticationKey], _ environment: SecurityEnvironment
    ) throws(ChipRefusal) -> ChipAuthenticationKey {
        let named = environment[0x84] == nil ? keys : keys.filter { $0.keyID == environment.reference }
        guard let key = named.first, named.count == 1 else { throw ChipRefusal(status: .referencedDataNotFound) }
        return key
    }

    mutating func generalAuthenticate(_ command: CommandAPDU) throws(ChipRefusal) -> ChipResponse {
        guard command.parameters == 0 else { throw ChipRefusal(status: .wrongParameters) }
        if let running = paceExchange { return try continuePACE(running.exchange, running.password, command) }
        guard let key = chipAuthenticationKey, hasAccess else { throw ChipRefusal(status: .conditionsNotSatisfied) }
        guard !command.isChained else { throw ChipRefusal(status: .lastCommandOfChainExpected) }
        chipAuthenticationKey = nil
        try agree(with: key, DynamicAuthenticationData(command.data).only(0x80))
        return ChipResponse(data: DynamicAuthenticationData.empty)
    }

    /// One step of PACE. A refusal ends the exchange; a wrong token costs a try where tries are counted.
    private mutating func continuePACE(
        _ running: PACEExchange, _ password: Password, _ command: CommandAPDU
    ) throws(ChipRefusal) -> ChipResponse {
        paceExchange = nil
        var exchange = running
        guard command.isChained != exchange.isAtLastStep else {
            throw ChipRefusal(status: command.isChained ? .lastCommandOfChainExpected : .chainingNotSupported)
        }
        do throws(ChipRefusal) {
            let (data, result) = try exchange.answer(DynamicAuthenticationData(command.data))
            if let result {
                triesLeft[password] = profile.passwordTries
                nextChannel = result.channel
                terminals.chipIdentifier = result.chipIdentifier
                // With chip authentication mapping the chip is proven, and its session's keys are bound to it.
                if exchange.isChipAuthentication { terminals.terminalIdentifier = result.terminalIdentifier }
            } else {
                paceExchange = (exchange, password)
            }
            return ChipResponse(data: data)
        } catch {
            guard error.status == .authenticationFailed, let allowed = profile.passwordTries else { throw error }
            let left = max(0, (triesLeft[password] ?? allowed) - 1)
            triesLeft[password] = left
            throw ChipRefusal(status: .tries(left))
        }
    }

    mutating func internalAuthenticate(_ command: CommandAPDU) throws(ChipRefusal) -> ChipResponse {
        guard command.parameters == 0 else { throw ChipRefusal(status: .wrongParameters) }
        guard hasAccess else { throw ChipRefusal(status: .securityStatusNotSatisfied) }
        guard command.data.count == 8 else { throw ChipRefusal(status: .wrongLength) }
        guard let key = secrets.activeAuthentication else { throw ChipRefusal(status: .conditionsNotSatisfied) }
        if misbehaviour.replaysSignature { misbehaviour.cameToPass = true }
        let challenge = misbehaviour.replaysSignature ? [UInt8](repeating: 0, count: 8) : command.data
        return ChipResponse(
            data: try refusing { () throws(CryptoError) in try key.answer(to: challenge, randomness: randomness) })
    }
}
