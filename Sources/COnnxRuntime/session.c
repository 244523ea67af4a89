#include "onnxruntime_session.h"

#include "slots.h"

wb_ort_status *wb_ort_create_session_options(const wb_ort_api *api, wb_ort_session_options **options) {
  return TRY(slot_CreateSessionOptions, (wb_ort_session_options **), options);
}

void wb_ort_release_session_options(const wb_ort_api *api, wb_ort_session_options *options) {
  CALL(slot_ReleaseSessionOptions, void, (wb_ort_session_options *), options);
}

wb_ort_status *wb_ort_set_optimization_level(
    const wb_ort_api *api, wb_ort_session_options *options, wb_ort_optimization_level level) {
  return TRY(
      slot_SetSessionGraphOptimizationLevel, (wb_ort_session_options *, wb_ort_optimization_level), options,
      level);
}

wb_ort_status *wb_ort_set_intra_op_threads(
    const wb_ort_api *api, wb_ort_session_options *options, int32_t count) {
  return TRY(slot_SetIntraOpNumThreads, (wb_ort_session_options *, int), options, count);
}

wb_ort_status *wb_ort_set_inter_op_threads(
    const wb_ort_api *api, wb_ort_session_options *options, int32_t count) {
  return TRY(slot_SetInterOpNumThreads, (wb_ort_session_options *, int), options, count);
}

wb_ort_status *wb_ort_set_log_severity(
    const wb_ort_api *api, wb_ort_session_options *options, wb_ort_log_severity severity) {
  return TRY(slot_SetSessionLogSeverityLevel, (wb_ort_session_options *, int), options, severity);
}

wb_ort_status *wb_ort_set_optimized_model_path(
    const wb_ort_api *api, wb_ort_session_options *options, const char *path) {
  return TRY(slot_SetOptimizedModelFilePath, (wb_ort_session_options *, const char *), options, path);
}

wb_ort_status *wb_ort_disable_memory_pattern(const wb_ort_api *api, wb_ort_session_options *options) {
  return TRY(slot_DisableMemPattern, (wb_ort_session_options *), options);
}

wb_ort_status *wb_ort_disable_cpu_arena(const wb_ort_api *api, wb_ort_session_options *options) {
  return TRY(slot_DisableCpuMemArena, (wb_ort_session_options *), options);
}

wb_ort_status *wb_ort_add_session_config(
    const wb_ort_api *api, wb_ort_session_options *options, const char *key, const char *value) {
  return TRY(
      slot_AddSessionConfigEntry, (wb_ort_session_options *, const char *, const char *), options, key,
      value);
}

wb_ort_status *wb_ort_add_initializer(
    const wb_ort_api *api, wb_ort_session_options *options, const char *name, const wb_ort_value *value) {
  return TRY(
      slot_AddInitializer, (wb_ort_session_options *, const char *, const wb_ort_value *), options, name,
      value);
}

wb_ort_status *wb_ort_enable_profiling(
    const wb_ort_api *api, wb_ort_session_options *options, const char *prefix) {
  return TRY(slot_EnableProfiling, (wb_ort_session_options *, const char *), options, prefix);
}

wb_ort_status *wb_ort_disable_profiling(const wb_ort_api *api, wb_ort_session_options *options) {
  return TRY(slot_DisableProfiling, (wb_ort_session_options *), options);
}

wb_ort_status *wb_ort_create_session(
    const wb_ort_api *api, const wb_ort_env *env, const char *path, const wb_ort_session_options *options,
    wb_ort_session **session) {
  return TRY(
      slot_CreateSession,
      (const wb_ort_env *, const char *, const wb_ort_session_options *, wb_ort_session **), env, path,
      options, session);
}

wb_ort_status *wb_ort_create_session_from_bytes(
    const wb_ort_api *api, const wb_ort_env *env, const void *bytes, size_t count,
    const wb_ort_session_options *options, wb_ort_session **session) {
  return TRY(
      slot_CreateSessionFromArray,
      (const wb_ort_env *, const void *, size_t, const wb_ort_session_options *, wb_ort_session **), env,
      bytes, count, options, session);
}

void wb_ort_release_session(const wb_ort_api *api, wb_ort_session *session) {
  CALL(slot_ReleaseSession, void, (wb_ort_session *), session);
}

wb_ort_status *wb_ort_session_input_count(
    const wb_ort_api *api, const wb_ort_session *session, size_t *count) {
  return TRY(slot_SessionGetInputCount, (const wb_ort_session *, size_t *), session, count);
}

wb_ort_status *wb_ort_session_output_count(
    const wb_ort_api *api, const wb_ort_session *session, size_t *count) {
  return TRY(slot_SessionGetOutputCount, (const wb_ort_session *, size_t *), session, count);
}

wb_ort_status *wb_ort_session_input_name(
    const wb_ort_api *api, const wb_ort_session *session, size_t index, wb_ort_allocator *allocator,
    char **name) {
  return TRY(
      slot_SessionGetInputName, (const wb_ort_session *, size_t, wb_ort_allocator *, char **), session, index,
      allocator, name);
}

wb_ort_status *wb_ort_session_output_name(
    const wb_ort_api *api, const wb_ort_session *session, size_t index, wb_ort_allocator *allocator,
    char **name) {
  return TRY(
      slot_SessionGetOutputName, (const wb_ort_session *, size_t, wb_ort_allocator *, char **), session,
      index, allocator, name);
}

wb_ort_status *wb_ort_session_input_type_info(
    const wb_ort_api *api, const wb_ort_session *session, size_t index, wb_ort_type_info **info) {
  return TRY(
      slot_SessionGetInputTypeInfo, (const wb_ort_session *, size_t, wb_ort_type_info **), session, index,
      info);
}

wb_ort_status *wb_ort_session_output_type_info(
    const wb_ort_api *api, const wb_ort_session *session, size_t index, wb_ort_type_info **info) {
  return TRY(
      slot_SessionGetOutputTypeInfo, (const wb_ort_session *, size_t, wb_ort_type_info **), session, index,
      info);
}

wb_ort_status *wb_ort_session_end_profiling(
    const wb_ort_api *api, wb_ort_session *session, wb_ort_allocator *allocator, char **path) {
  return TRY(
      slot_SessionEndProfiling, (wb_ort_session *, wb_ort_allocator *, char **), session, allocator, path);
}

wb_ort_status *wb_ort_run(
    const wb_ort_api *api, wb_ort_session *session, const wb_ort_run_options *options,
    const char *const *input_names, const wb_ort_value *const *inputs, size_t input_count,
    const char *const *output_names, size_t output_count, wb_ort_value **outputs) {
  return TRY(
      slot_Run,
      (wb_ort_session *, const wb_ort_run_options *, const char *const *, const wb_ort_value *const *, size_t,
       const char *const *, size_t, wb_ort_value **), session, options, input_names, inputs, input_count,
      output_names, output_count, outputs);
}

wb_ort_status *wb_ort_create_run_options(const wb_ort_api *api, wb_ort_run_options **options) {
  return TRY(slot_CreateRunOptions, (wb_ort_run_options **), options);
}

wb_ort_status *wb_ort_terminate_runs(const wb_ort_api *api, wb_ort_run_options *options) {
  return TRY(slot_RunOptionsSetTerminate, (wb_ort_run_options *), options);
}

wb_ort_status *wb_ort_allow_runs(const wb_ort_api *api, wb_ort_run_options *options) {
  return TRY(slot_RunOptionsUnsetTerminate, (wb_ort_run_options *), options);
}

void wb_ort_release_run_options(const wb_ort_api *api, wb_ort_run_options *options) {
  CALL(slot_ReleaseRunOptions, void, (wb_ort_run_options *), options);
}
