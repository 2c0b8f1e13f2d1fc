import Crypto
import Dispatch
import FoundationEssentials
import Synchronization

/// Compares the fast path with EVP on many signatures.
enum Agreement {
    /// How many of a hundred random signatures are on each curve, and how many are RSA: most where they cost least.
    private static let shares: [(algorithm: BenchAlgorithm, percent: Int)] = [
        (.p256, 66), (.brainpoolP256r1, 12), (.p521, 5), (.p384, 4), (.brainpoolP384r1, 4), (.brainpoolP512r1, 3),
        (.rsa2048, 6),
    ]
    private static let roundCount = 500

    static func run(_ count: Int) throws -> ExitStatus {
        let total = Mutex(AgreementTrial.Result())
        let failure = Mutex<String?>(nil)
        for (algorithm, percent) in shares {
            let start = total.withLock { $0.compared }
            let wanted = max(1, count * percent / 100)
            let rounds = (wanted + roundCount - 1) / roundCount
            DispatchQueue.concurrentPerform(iterations: rounds) { round in
                do {
                    let size = min(roundCount, wanted - round * roundCount)
                    let result = try random(algorithm, size, withTables: round.isMultiple(of: 2))
                    total.withLock { $0.add(result) }
                } catch {
                    failure.withLock { $0 = "\(error)" }
                }
            }
            var edges = AgreementTrial.Result()
            if let curve = algorithm.curve {
                let cases = try AgreementTrial.edgeCases(on: curve)
                for withTables in [false, true] {
                    var trial = try AgreementTrial(withTables: withTables)
                    edges.add(trial.compare(cases))
                }
                total.withLock { $0.add(edges) }
            }
            let compared = total.withLock { $0.compared } - start
            Console.note("\(algorithm.rawValue): \(compared) compared, \(edges.compared) of them at the edges")
        }
        if let failure = failure.withLock({ $0 }) { throw UsageError(description: failure) }
        let result = total.withLock { $0 }
        for text in result.disagreements.prefix(20) { Console.complain(text) }
        print(
            "\(result.compared) signatures compared, \(result.accepted) accepted, "
                + "\(result.disagreements.count) disagreements")
        return result.disagreements.isEmpty ? .yes : .no
    }

    private static func random(
        _ algorithm: BenchAlgorithm, _ count: Int, withTables: Bool
    ) throws -> AgreementTrial.Result {
        let signer: PrivateKey
        let stranger: PrivateKey
        switch algorithm.key {
        case .ec(let curve): (signer, stranger) = try (.generateEC(curve), .generateEC(curve))
        case .rsa(let bits): (signer, stranger) = try (.generateRSA(bits: bits), .generateRSA(bits: bits))
        }
        let cases = try AgreementTrial.randomCases(
            count, by: signer, stranger: PublicKey(subjectPublicKeyInfo: stranger.subjectPublicKeyInfo),
            publicKey: PublicKey(subjectPublicKeyInfo: signer.subjectPublicKeyInfo), scheme: algorithm.scheme)
        var trial = try AgreementTrial(withTables: withTables)
        return trial.compare(cases)
    }
}
