import Crypto
import Document
import Foundation
import Simulator
import Verifier

/// Measures what the most expensive EF.SODs that we can think of cost, beside a good one in the same run.
/// Exit status 1 when one takes more than 100 times its time, or more than 16 MiB.

let maximumRatio = 100.0
let maximumMemory = 16 * 1024

/// Peak memory of the process in KiB since it was last reset, and memory now.
func memory() -> (peak: Int, now: Int) {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    func field(_ name: String) -> Int {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }
    return (field("VmHWM:"), field("VmRSS:"))
}

/// Linux starts counting the peak again when 5 is written (proc(5)).
func resetPeak() { try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs")) }

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// Seconds and additional KiB of one verification: the median of `count` for the time, the most for the memory.
func measure(_ verifier: CardVerifier, _ file: [UInt8], count: Int) -> (seconds: Double, kibibytes: Int) {
    let evidence = Evidence(image: CardImage(files: [.sod: file]), date: Date(timeIntervalSince1970: 1_717_243_200))
    var times: [Double] = []
    var most = 0
    for _ in 0..<count {
        resetPeak()
        let before = memory().now
        let start = ContinuousClock.now
        _ = verifier.verify(evidence)
        times.append((ContinuousClock.now - start) / .seconds(1))
        most = max(most, memory().peak - before)
    }
    return (median(times), most)
}

func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

let state = try TestPKI()
var trust = TrustStore()
try trust.add(Certificate(der: state.countrySigner.certificate))
// Namesakes of the CSCA: each may have issued what bears its name.
for _ in 0..<15 { try trust.add(Certificate(der: TestPKI().countrySigner.certificate)) }
let verifier = CardVerifier(trust: trust)
guard let good = try Personalisation(.demo).card(signedBy: state).image[.sod] else { exit(2) }
_ = measure(verifier, good, count: 20)
let goodCost = measure(verifier, good, count: 31)
print("\(pad("KiB", 5))  \(pad("ms", 9))  \(pad("ratio", 7))  \(pad("more KiB", 8))  object")
func report(_ name: String, _ file: [UInt8], _ cost: (seconds: Double, kibibytes: Int)) {
    let ratio = cost.seconds / goodCost.seconds
    print(
        pad("\(file.count / 1024)", 5), pad(String(format: "%.2f", cost.seconds * 1000), 10),
        pad(String(format: "%.1f", ratio), 8), pad("\(cost.kibibytes)", 9), "", name)
}
report("a good one", good, goodCost)
var isOver = false
for object in try HostileObject.all(state) {
    let cost = measure(verifier, object.file, count: 7)
    report(object.name, object.file, cost)
    isOver = isOver || cost.seconds > maximumRatio * goodCost.seconds || cost.kibibytes > maximumMemory
}
exit(isOver ? 1 : 0)
