/// Sessions: their options, what they declare, and running them. `onnxruntime_library.h` states the
/// conventions.

#ifndef WB_ONNXRUNTIME_SESSION_H
#define WB_ONNXRUNTIME_SESSION_H

#include "onnxruntime_library.h"

#pragma clang assume_nonnull begin

// MARK: Options

typedef WB_ORT_ENUM(wb_ort_optimization_level) {
  wb_ort_optimization_level_none = 0,
  wb_ort_optimization_level_basic = 1,
  wb_ort_optimization_level_extended = 2,
  wb_ort_optimization_level_layout = 3,
  wb_ort_optimization_level_all = 99,
} wb_ort_optimization_level;

wb_ort_status *_Nullable wb_ort_create_session_options(
    const wb_ort_api *api, wb_ort_session_options *_Nullable *_Nonnull options);
void wb_ort_release_session_options(const wb_ort_api *api, wb_ort_session_options *options);

wb_ort_status *_Nullable wb_ort_set_optimization_level(
    const wb_ort_api *api, wb_ort_session_options *options, wb_ort_optimization_level level);
/// Threads inside an operator; 0 leaves the choice to the library.
wb_ort_status *_Nullable wb_ort_set_intra_op_threads(
    const wb_ort_api *api, wb_ort_session_options *options, int32_t count);
/// Threads across operators, used only in parallel execution mode.
wb_ort_status *_Nullable wb_ort_set_inter_op_threads(
    const wb_ort_api *api, wb_ort_session_options *options, int32_t count);
wb_ort_status *_Nullable wb_ort_set_log_severity(
    const wb_ort_api *api, wb_ort_session_options *options, wb_ort_log_severity severity);
/// Makes creation write the model that the library's own optimizer ends with.
wb_ort_status *_Nullable wb_ort_set_optimized_model_path(
    const wb_ort_api *api, wb_ort_session_options *options, const char *path);
wb_ort_status *_Nullable wb_ort_disable_memory_pattern(
    const wb_ort_api *api, wb_ort_session_options *options);
wb_ort_status *_Nullable wb_ort_disable_cpu_arena(const wb_ort_api *api, wb_ort_session_options *options);
/// Sets a `session.…` key, such as `session.disable_prepacking` to `1`.
wb_ort_status *_Nullable wb_ort_add_session_config(
    const wb_ort_api *api, wb_ort_session_options *options, const char *key, const char *value);
/// Puts `value` in the place of the model's initializer `name`. The value and its memory must outlive every
/// session created with these options.
wb_ort_status *_Nullable wb_ort_add_initializer(
    const wb_ort_api *api, wb_ort_session_options *options, const char *name, const wb_ort_value *value);
/// Makes the session write a trace, in JSON, to `prefix` followed by the time.
wb_ort_status *_Nullable wb_ort_enable_profiling(
    const wb_ort_api *api, wb_ort_session_options *options, const char *prefix);
wb_ort_status *_Nullable wb_ort_disable_profiling(const wb_ort_api *api, wb_ort_session_options *options);

// MARK: Sessions

wb_ort_status *_Nullable wb_ort_create_session(
    const wb_ort_api *api, const wb_ort_env *env, const char *path, const wb_ort_session_options *options,
    wb_ort_session *_Nullable *_Nonnull session);
/// The bytes are read during the call only.
wb_ort_status *_Nullable wb_ort_create_session_from_bytes(
    const wb_ort_api *api, const wb_ort_env *env, const void *bytes, size_t count,
    const wb_ort_session_options *options, wb_ort_session *_Nullable *_Nonnull session);
void wb_ort_release_session(const wb_ort_api *api, wb_ort_session *session);

wb_ort_status *_Nullable wb_ort_session_input_count(
    const wb_ort_api *api, const wb_ort_session *session, size_t *count);
wb_ort_status *_Nullable wb_ort_session_output_count(
    const wb_ort_api *api, const wb_ort_session *session, size_t *count);
wb_ort_status *_Nullable wb_ort_session_input_name(
    const wb_ort_api *api, const wb_ort_session *session, size_t index, wb_ort_allocator *allocator,
    char *_Nullable *_Nonnull name);
wb_ort_status *_Nullable wb_ort_session_output_name(
    const wb_ort_api *api, const wb_ort_session *session, size_t index, wb_ort_allocator *allocator,
    char *_Nullable *_Nonnull name);
wb_ort_status *_Nullable wb_ort_session_input_type_info(
    const wb_ort_api *api, const wb_ort_session *session, size_t index,
    wb_ort_type_info *_Nullable *_Nonnull info);
wb_ort_status *_Nullable wb_ort_session_output_type_info(
    const wb_ort_api *api, const wb_ort_session *session, size_t index,
    wb_ort_type_info *_Nullable *_Nonnull info);
/// Ends profiling, and hands out the name of the trace it wrote.
wb_ort_status *_Nullable wb_ort_session_end_profiling(
    const wb_ort_api *api, wb_ort_session *session, wb_ort_allocator *allocator,
    char *_Nullable *_Nonnull path);

/// Runs the model. `outputs` holds one entry for each output name: NULL is replaced by a new value, and a
/// value that is there is written into.
wb_ort_status *_Nullable wb_ort_run(
    const wb_ort_api *api, wb_ort_session *session, const wb_ort_run_options *_Nullable options,
    const char *_Nullable const *_Nonnull input_names, const wb_ort_value *_Nullable const *_Nonnull inputs,
    size_t input_count, const char *_Nullable const *_Nonnull output_names, size_t output_count,
    wb_ort_value *_Nullable *_Nonnull outputs);

wb_ort_status *_Nullable wb_ort_create_run_options(
    const wb_ort_api *api, wb_ort_run_options *_Nullable *_Nonnull options);
/// Makes the runs that use these options end early with an error. May be called from any thread.
wb_ort_status *_Nullable wb_ort_terminate_runs(const wb_ort_api *api, wb_ort_run_options *options);
/// Lets the options be used again after `wb_ort_terminate_runs`.
wb_ort_status *_Nullable wb_ort_allow_runs(const wb_ort_api *api, wb_ort_run_options *options);
void wb_ort_release_run_options(const wb_ort_api *api, wb_ort_run_options *options);

#pragma clang assume_nonnull end

#endif
