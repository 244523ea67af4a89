import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A command, run to its end, and what it took.
struct ChildProcess {
  let seconds: Double
  /// Of all threads, the system's work for them included.
  let cpuSeconds: Double
  /// The largest resident size, in bytes, mapped files included.
  let peakByteCount: Int
  let status: Int32

  /// - Throws: `POSIXError` where the executable cannot be started.
  init(_ executable: String, _ arguments: [String]) throws {
    let texts = ([executable] + arguments).map { strdup($0) }
    defer { texts.forEach { free($0) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    let start = ContinuousClock.now
    var identifier = pid_t()
    let code = posix_spawn(&identifier, executable, &actions, nil, texts + [nil], environ)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }
    var status: Int32 = 0
    var usage = rusage()
    wait4(identifier, &status, 0, &usage)
    self.status = (status >> 8) & 0xff
    cpuSeconds = usage.ru_utime.seconds + usage.ru_stime.seconds
    seconds = (ContinuousClock.now - start) / .seconds(1)
    #if canImport(Darwin)
      peakByteCount = Int(usage.ru_maxrss)
    #else
      peakByteCount = Int(usage.ru_maxrss) * 1024
    #endif
  }
}

extension timeval {
  fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func fixed(_ number: Double, _ digits: Int = 2) -> String { String(format: "%.\(digits)f", number) }
