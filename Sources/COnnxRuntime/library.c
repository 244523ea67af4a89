#include "onnxruntime_library.h"

#include <dlfcn.h>
#include <stdio.h>

#include "slots.h"

/// What the library's only exported function returns.
typedef struct {
  const wb_ort_api *(*get_api)(uint32_t version);
  const char *(*get_version)(void);
} entry_table;

const int32_t wb_ort_oldest_minor_version = requested_version;

static wb_ort_library failed(wb_ort_load_failure failure, const char *text, char *detail, size_t capacity) {
  snprintf(detail, capacity, "%s", text ? text : "unknown");
  return (wb_ort_library){.failure = failure, .api = NULL, .version = ""};
}

wb_ort_library wb_ort_load(const char *path, char *detail, size_t capacity) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return failed(wb_ort_load_failure_not_loadable, dlerror(), detail, capacity);

  const entry_table *(*entry)(void) = (const entry_table *(*)(void))dlsym(library, "OrtGetApiBase");
  if (!entry) return failed(wb_ort_load_failure_no_entry_point, dlerror(), detail, capacity);

  const entry_table *table = entry();
  const char *version = table ? table->get_version() : NULL;
  int major = 0, minor = 0;
  if (!version || sscanf(version, "%d.%d", &major, &minor) != 2 || major != 1)
    return failed(wb_ort_load_failure_unknown_version, version, detail, capacity);

  // Compared first because an older library complains on standard error when asked for a table it lacks.
  const wb_ort_api *api = minor < requested_version ? NULL : table->get_api(requested_version);
  if (!api) return failed(wb_ort_load_failure_too_old, version, detail, capacity);
  return (wb_ort_library){.failure = wb_ort_load_failure_none, .api = api, .version = version};
}

const char *wb_ort_build_info(const wb_ort_api *api) {
  return CALL(slot_GetBuildInfoString, const char *, (void));
}

wb_ort_status *wb_ort_get_providers(const wb_ort_api *api, char ***names, int32_t *count) {
  return TRY(slot_GetAvailableProviders, (char ***, int *), names, count);
}

wb_ort_status *wb_ort_release_providers(const wb_ort_api *api, char **names, int32_t count) {
  return TRY(slot_ReleaseAvailableProviders, (char **, int), names, count);
}

wb_ort_error_code wb_ort_status_code(const wb_ort_api *api, const wb_ort_status *status) {
  return CALL(slot_GetErrorCode, wb_ort_error_code, (const wb_ort_status *), status);
}

const char *wb_ort_status_message(const wb_ort_api *api, const wb_ort_status *status) {
  return CALL(slot_GetErrorMessage, const char *, (const wb_ort_status *), status);
}

void wb_ort_release_status(const wb_ort_api *api, wb_ort_status *status) {
  CALL(slot_ReleaseStatus, void, (wb_ort_status *), status);
}

wb_ort_status *wb_ort_create_env(
    const wb_ort_api *api, wb_ort_log_severity severity, const char *name, wb_ort_env **env) {
  return TRY(slot_CreateEnv, (wb_ort_log_severity, const char *, wb_ort_env **), severity, name, env);
}

void wb_ort_release_env(const wb_ort_api *api, wb_ort_env *env) {
  CALL(slot_ReleaseEnv, void, (wb_ort_env *), env);
}

wb_ort_status *wb_ort_get_allocator(const wb_ort_api *api, wb_ort_allocator **allocator) {
  return TRY(slot_GetAllocatorWithDefaultOptions, (wb_ort_allocator **), allocator);
}

wb_ort_status *wb_ort_free(const wb_ort_api *api, wb_ort_allocator *allocator, void *memory) {
  return TRY(slot_AllocatorFree, (wb_ort_allocator *, void *), allocator, memory);
}
