import FoundationEssentials
import Glibc

/// A file that only its owner may read.
enum PrivateFile {
    /// Writes `bytes` whole or not at all: to a file beside `path`, which then takes its place.
    ///
    /// - Throws: `UsageError` when the file cannot be written; then a file that was there is still there.
    static func write(_ bytes: [UInt8], to path: String) throws(UsageError) {
        let temporary = path + ".\(UUID().uuidString.prefix(8)).part"
        do throws(SystemCallError) {
            let descriptor = try SystemCalls.createPrivateFile(temporary)
            do throws(SystemCallError) {
                defer { close(descriptor) }
                try SystemCalls.write(bytes, to: descriptor)
                try SystemCalls.synchronise(descriptor)
                try SystemCalls.rename(temporary, to: path)
            } catch {
                SystemCalls.remove(temporary)
                throw error
            }
        } catch {
            throw UsageError(description: "cannot write \(path): \(error)")
        }
    }
}
