/**
 * What a command inherits of the host's environment: what programs need to be found and to behave, and nothing that opens doors.
 * An allow list, because the names of secrets cannot be listed. Whatever else a command needs stands in the flow's `env`.
 */
const ALLOWED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TMPDIR', 'TMP', 'TEMP', 'TERM', 'CI', 'NO_COLOR'],
  ...['DISPLAY', 'WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'SSH_AUTH_SOCK'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'NO_PROXY'],
  ...['JAVA_HOME', 'GOPATH', 'GOROOT', 'CARGO_HOME', 'RUSTUP_HOME', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'PYENV_ROOT', 'NVM_DIR', 'VOLTA_HOME'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'OS', 'USERNAME', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'APPDATA'],
  ...['LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)', 'PROGRAMW6432', 'COMMONPROGRAMFILES', 'ALLUSERSPROFILE'],
  ...['NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE'],
]);
const ALLOWED_PREFIX = /^(LC_|XDG_)/;
/** Addresses of proxies, kept unless a password stands in them. */
const PROXY = new Set(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY']);

/** The part of `host` that commands inherit. Names are compared without case, as Windows does and as proxies are spelled. */
export function inheritedEnvironment(host: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    if (value === undefined) continue;
    const upper = name.toUpperCase();
    if (ALLOWED.has(upper) || ALLOWED_PREFIX.test(upper) || (PROXY.has(upper) && !value.includes('@'))) inherited[name] = value;
  }
  return inherited;
}
