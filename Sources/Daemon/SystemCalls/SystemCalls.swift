import CMicroHTTPD
import Glibc

/// A system call that failed: its name and `errno`.
struct SystemCallError: Error, Equatable, CustomStringConvertible {
    var call: String
    var code: Int32

    var description: String {
        guard let text = unsafe strerror(code) else { return "\(call): error \(code)" }
        return unsafe "\(call): \(String(cString: text))"
    }
}

/// The system calls of the daemon, each wrapped once: interrupted ones are repeated, `errno` becomes an error at the call.
enum SystemCalls {
    static func closeOnExec(_ descriptor: Int32) { _ = cccd_close_on_exec(descriptor) }

    static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    @discardableResult
    static func check(_ name: String, _ call: () -> Int32) throws(SystemCallError) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            guard errno == EINTR else { throw SystemCallError(call: name, code: errno) }
        }
    }
}
