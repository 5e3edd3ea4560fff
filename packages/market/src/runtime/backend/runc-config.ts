import { OPEN_FILES_MAX, THREADS_MAX, USERS_EACH } from "../limits.ts";
import { ROOT } from "./assembly.ts";
import type { ContainerStart } from "./container-backend.ts";

/** What of root's rights a container has over its own users and files, and over nothing else. */
const CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"].map(
  (name) => `CAP_${name}`,
);
/** Calls of the kernel that a service has no use for, and by which one gets out of containers. */
const REFUSED_CALLS = [
  ..."acct add_key bpf clock_adjtime clock_settime clone3 create_module delete_module fanotify_init finit_module fsconfig fsmount fsopen fspick".split(
    " ",
  ),
  ..."get_mempolicy init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie".split(
    " ",
  ),
  ..."mbind migrate_pages mount mount_setattr move_mount move_pages name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open".split(
    " ",
  ),
  ..."personality pivot_root process_vm_readv process_vm_writev ptrace query_module quotactl reboot request_key set_mempolicy setns settimeofday".split(
    " ",
  ),
  ..."swapoff swapon sysfs syslog umount umount2 unshare uselib userfaultfd ustat vhangup vm86 vm86old".split(" "),
];
const EPERM = 1;
const ENOSYS = 38;
const PERIOD_US = 100_000;

/** Options of `runcConfig`. */
export interface RuncConfigOptions {
  /** Path of its control group, from the root of each kind. */
  readonly cgroup: string;
}

/** The configuration of a container for runc, as the runtime specification of OCI has it: its files are assembled before it starts. */
export function runcConfig(start: ContainerStart, { cgroup }: RuncConfigOptions): object {
  const { user, command, env, workingDir, hostname, hostUser = 0, network } = start;
  const users = [{ containerID: 0, hostID: hostUser, size: USERS_EACH }];
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user,
      args: command,
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd: workingDir,
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
      rlimits: [
        { type: "RLIMIT_NOFILE", hard: OPEN_FILES_MAX, soft: OPEN_FILES_MAX },
        { type: "RLIMIT_CORE", hard: 0, soft: 0 },
      ],
      noNewPrivileges: true,
    },
    root: { path: ROOT },
    hostname,
    mounts: MOUNTS,
    linux: {
      cgroupsPath: cgroup,
      resources: resourcesOf(start),
      uidMappings: users,
      gidMappings: users,
      namespaces: [
        ...["pid", "ipc", "uts", "mount", "user", "cgroup"].map((type) => ({ type })),
        ...(network.nameSpace === undefined ? [] : [{ type: "network", path: network.nameSpace }]),
      ],
      maskedPaths: [
        "/proc/acpi",
        "/proc/asound",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/scsi",
        "/proc/timer_list",
      ],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
      seccomp: {
        defaultAction: "SCMP_ACT_ALLOW",
        syscalls: [
          { names: REFUSED_CALLS.filter((name) => name !== "clone3"), action: "SCMP_ACT_ERRNO", errnoRet: EPERM },
          { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS }, // Its flags cannot be looked at; libraries go on with clone.
        ],
      },
    },
  };
}

function resourcesOf({ limits }: ContainerStart): object {
  return {
    memory: { limit: limits.memoryBytes, swap: limits.memoryBytes },
    cpu: { quota: Math.max(1_000, Math.round(limits.processors * PERIOD_US)), period: PERIOD_US },
    pids: { limit: THREADS_MAX },
    devices: [{ allow: false, access: "rwm" }],
  };
}

const MOUNTS = [
  { destination: "/proc", type: "proc", source: "proc" },
  { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=65536k"] },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
  },
  { destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777"] },
];
