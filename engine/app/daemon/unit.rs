//! The systemd unit of `hebe daemon --print-unit`: all that the daemon does not need is taken from it.

use crate::output;

/// The unit for the program at `program`.
pub(crate) fn unit(program: &str) -> String {
    let program = output::quote(program);
    format!(
        "\
# Written by `hebe daemon --print-unit`. Save as /etc/systemd/system/hebe.service, then:
#   systemctl daemon-reload && systemctl enable --now hebe
[Unit]
Description=Hebe: resource exhaustion forecasts (observes, unless a restart map and a mode say otherwise)
After=local-fs.target

[Service]
Type=notify
ExecStart={program} daemon
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
WatchdogSec=5min
StateDirectory=hebe
ConfigurationDirectory=hebe
# What other users' processes hold can be read by root alone; nothing is written outside /var/lib/hebe.
CapabilityBoundingSet=CAP_SYS_PTRACE CAP_DAC_READ_SEARCH CAP_SYSLOG
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077
LimitNOFILE=65536
Nice=5
MemoryHigh=96M

[Install]
WantedBy=multi-user.target
"
    )
}
