/// ONNX Runtime's C API as Swift calls it: our own declarations of the functions that we use, and of nothing
/// else. The library exports a single symbol, `OrtGetApiBase`, which leads to a table of functions whose
/// slots never move, so it is loaded at run time and neither its headers nor its linker file are needed.
///
/// Conventions:
/// - A function that can fail returns a status: NULL is success, anything else must be released.
/// - What the `create` and `…_info` functions, `wb_ort_run` and `wb_ort_value_part` hand out must be released.
/// - Text handed out through an allocator must be freed with `wb_ort_free`.
/// - A session may run on several threads at a time. Everything else belongs to one thread at a time.

#ifndef WB_ONNXRUNTIME_LIBRARY_H
#define WB_ONNXRUNTIME_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

#define WB_ORT_ENUM(name) enum __attribute__((enum_extensibility(open))) name : int32_t

/// The table of functions.
typedef struct wb_ort_api wb_ort_api;
typedef struct wb_ort_status wb_ort_status;
typedef struct wb_ort_env wb_ort_env;
typedef struct wb_ort_session wb_ort_session;
typedef struct wb_ort_session_options wb_ort_session_options;
typedef struct wb_ort_run_options wb_ort_run_options;
typedef struct wb_ort_value wb_ort_value;
typedef struct wb_ort_type_info wb_ort_type_info;
typedef struct wb_ort_tensor_info wb_ort_tensor_info;
typedef struct wb_ort_memory_info wb_ort_memory_info;
typedef struct wb_ort_allocator wb_ort_allocator;

// MARK: Loading

/// Why a library could not be used.
typedef WB_ORT_ENUM(wb_ort_load_failure) {
  wb_ort_load_failure_none,
  /// The dynamic loader refused it; the detail is the loader's message.
  wb_ort_load_failure_not_loadable,
  /// It is a library, but not ONNX Runtime; the detail is the loader's message.
  wb_ort_load_failure_no_entry_point,
  /// Its version string is not `1.minor…`; the detail is that string.
  wb_ort_load_failure_unknown_version,
  /// It lacks functions that we call; the detail is its version string.
  wb_ort_load_failure_too_old,
} wb_ort_load_failure;

typedef struct {
  wb_ort_load_failure failure;
  /// NULL exactly when loading failed.
  const wb_ort_api *_Nullable api;
  /// Such as `1.32.0`; empty when loading failed. Lives as long as the process.
  const char *version;
} wb_ort_library;

/// The oldest minor version of ONNX Runtime 1.x that has every function declared here.
extern const int32_t wb_ort_oldest_minor_version;

/// Loads the library at `path`, or searched for by the dynamic loader when `path` has no slash. It stays
/// loaded until the process ends: its threads outlive every session. On failure writes the detail, cut to
/// `capacity` bytes with the terminating zero.
wb_ort_library wb_ort_load(const char *path, char *detail, size_t capacity);

/// Git revision and compiler flags of the library. Lives as long as the process.
const char *wb_ort_build_info(const wb_ort_api *api);

/// The names of the execution providers built into the library.
wb_ort_status *_Nullable wb_ort_get_providers(
    const wb_ort_api *api, char *_Nullable *_Nullable *_Nonnull names, int32_t *count);
wb_ort_status *_Nullable wb_ort_release_providers(
    const wb_ort_api *api, char *_Nullable *_Nonnull names, int32_t count);

// MARK: Status

typedef WB_ORT_ENUM(wb_ort_error_code) {
  wb_ort_error_code_fail = 1,
  wb_ort_error_code_invalid_argument = 2,
  wb_ort_error_code_no_such_file = 3,
  wb_ort_error_code_no_model = 4,
  wb_ort_error_code_engine_error = 5,
  wb_ort_error_code_runtime_exception = 6,
  wb_ort_error_code_invalid_protobuf = 7,
  wb_ort_error_code_model_loaded = 8,
  wb_ort_error_code_not_implemented = 9,
  wb_ort_error_code_invalid_graph = 10,
  wb_ort_error_code_provider_fail = 11,
} wb_ort_error_code;

wb_ort_error_code wb_ort_status_code(const wb_ort_api *api, const wb_ort_status *status);
/// Lives as long as the status.
const char *wb_ort_status_message(const wb_ort_api *api, const wb_ort_status *status);
void wb_ort_release_status(const wb_ort_api *api, wb_ort_status *status);

// MARK: Environment

typedef WB_ORT_ENUM(wb_ort_log_severity) {
  wb_ort_log_severity_verbose = 0,
  wb_ort_log_severity_info = 1,
  wb_ort_log_severity_warning = 2,
  wb_ort_log_severity_error = 3,
  wb_ort_log_severity_fatal = 4,
} wb_ort_log_severity;

/// The environment is one per process: while it exists, a further call hands it out again with the settings
/// of the first, to be released once more. The library logs to standard error from `severity` on.
wb_ort_status *_Nullable wb_ort_create_env(
    const wb_ort_api *api, wb_ort_log_severity severity, const char *name,
    wb_ort_env *_Nullable *_Nonnull env);
void wb_ort_release_env(const wb_ort_api *api, wb_ort_env *env);

/// The allocator of the CPU. It belongs to the library and is never released.
wb_ort_status *_Nullable wb_ort_get_allocator(
    const wb_ort_api *api, wb_ort_allocator *_Nullable *_Nonnull allocator);
wb_ort_status *_Nullable wb_ort_free(const wb_ort_api *api, wb_ort_allocator *allocator, void *memory);

#pragma clang assume_nonnull end

#endif
