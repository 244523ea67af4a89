import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How much memory a process may make for itself. Files that it maps, such as weights, do not count.
enum MemoryLimit {
  /// Allocations beyond it fail from now on, which the engine tells as an error; what fails elsewhere ends the process.
  /// Systems other than Linux know no such limit, and nothing is limited there.
  ///
  /// Counted are the pages that could be written (`RLIMIT_DATA`), and not the addresses (`RLIMIT_AS`): the engine and
  /// its threads reserve much more of these than they use.
  static func set(byteCount: Int) {
    #if !canImport(Darwin)
      var limit = rlimit(rlim_cur: rlim_t(byteCount), rlim_max: rlim_t(byteCount))
      setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    #endif
  }

  /// Whether an error's text is that of an allocation that failed.
  static func isReached(by message: String) -> Bool {
    ["bad_alloc", "Failed to allocate memory", "bad allocation"].contains { message.contains($0) }
  }
}

/// The memory of this machine, or what its control group leaves of it.
public enum MachineMemory {
  public static var byteCount: Int {
    let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    let group = (try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8))
      .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    return min(physical, group ?? physical)
  }
}
