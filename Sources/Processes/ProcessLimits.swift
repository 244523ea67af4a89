import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What this process may take, where it is a child that is expected to fail now and then.
public enum ProcessLimits {
  /// A crash is told by its signal; an image of the memory would fill the disk. Where memory runs out, this process goes
  /// before its parent does.
  public static func discourageCores() {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    #if canImport(Darwin)
      setrlimit(RLIMIT_CORE, &limit)
    #else
      setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
      try? Data("1000".utf8).write(to: URL(filePath: "/proc/self/oom_score_adj"))
    #endif
  }

  /// Allocations beyond it fail from now on. Files that are mapped, such as weights, do not count. Systems other than
  /// Linux know no such limit, and nothing is limited there.
  ///
  /// Counted are the pages that could be written (`RLIMIT_DATA`), and not the addresses (`RLIMIT_AS`): threads reserve
  /// much more of these than they use.
  public static func setMemory(byteCount: Int) {
    #if !canImport(Darwin)
      var limit = rlimit(rlim_cur: rlim_t(byteCount), rlim_max: rlim_t(byteCount))
      setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    #endif
  }

  /// Ends this process by a signal when it has computed for so long, also where nobody is left to wait for it.
  public static func setProcessorTime(seconds: Int) {
    var limit = rlimit(rlim_cur: rlim_t(seconds), rlim_max: rlim_t(seconds))
    #if canImport(Darwin)
      setrlimit(RLIMIT_CPU, &limit)
    #else
      setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &limit)
    #endif
  }
}
