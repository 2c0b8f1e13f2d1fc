// Reads the card in the first reader that holds one, judges it, and tells what is proven:
//
//     read-card csca.cer 001090012345
//
// Exit status: 0 when the data is proven, 1 when not.

import CardReader
import Document
import Glibc
import Verifier

/// Reads and judges; true when the data is proven.
func checkIn(_ number: PersonalNumber, trusting path: String) throws -> Bool {
    let (trust, _) = try TrustStore.load([path])

    // Everything of CardReader blocks: a program with a user interface calls it from a thread of its own.
    guard let reader = try PCSCContext().readers().first(where: \.isCardPresent) else {
        print("Lay a card on the reader.")
        return false
    }

    // Waits ten seconds for a card that was moved, and goes on with the same one. The portrait is most of what there is to
    // read, and is left out here.
    let request = ReadRequest(key: .personalNumber(number), files: .withoutPortrait)
    let read = try PersistentRead(reader: reader.name, patience: .seconds(10)).run(
        request, interrupted: { print("\($0.cause)") })

    // The proofs are the chip's; the number is compared with what the chip says.
    let verdict = CardVerifier(trust: trust).verify(
        Evidence(image: read.image, digests: read.digests, proofs: read.proofs, personalNumber: number))
    for line in VerdictText.lines(of: verdict, language: .english) { print(line) }
    return verdict.outcome == .genuine || verdict.outcome == .authenticData
}

guard CommandLine.arguments.count == 3 else {
    print("usage: read-card CSCA PERSONAL-NUMBER")
    exit(1)
}
do {
    let number = try PersonalNumber(CommandLine.arguments[2])
    exit(try checkIn(number, trusting: CommandLine.arguments[1]) ? 0 : 1)
} catch let error as CardReaderError {
    // Each case says what somebody at the desk can do.
    switch error.cause {
    case .noCard, .cardRemoved: print("Lay the card on the reader and leave it there.")
    case .wrongKey: print("That is not this card's number.")
    default: print(error)
    }
    exit(1)
} catch {
    print(error)
    exit(1)
}
