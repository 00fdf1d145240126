{{/* Names and labels. */}}
{{- define "noetl.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What the pods of a role are found by: (dict "root" $ "role" "worker") */}}
{{- define "noetl.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride | trunc 63 }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "noetl.labels" -}}
{{ include "noetl.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "noetl.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "noetl.keysSecret" -}}
{{ .Values.keys.existingSecret | default (printf "%s-keys" (include "noetl.fullname" .)) }}
{{- end -}}

{{/* A key of the configuration as the process finds it in its environment. */}}
{{- define "noetl.variable" -}}
NOETL_{{ . | replace "." "_" | replace "-" "_" | upper }}
{{- end -}}

{{/* A value as text; Helm reads every number as a floating one and would write a large one as 1e+06. */}}
{{- define "noetl.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}{{- else -}}{{ toString . }}{{- end -}}
{{- end -}}

{{/* Keys that are refused below settings: each is a secret, or other values of the chart stand for it. */}}
{{- define "noetl.owned" -}}
archive.s3.access-key archive.s3.secret-key archive.s3.session-token
auth.allow-anonymous auth.gateway-old-secret auth.gateway-secret auth.internal-token auth.mode auth.tokens-file
bus.credentials-file bus.password bus.replicas bus.token bus.url bus.user
credentials.key credentials.other-keys
database.host database.name database.password database.port database.ssl-mode database.user
duckdb.extension-folder
keychain.cluster-secrets keychain.vault-token
kubernetes.access kubernetes.namespace kubernetes.namespaces
metrics.host metrics.port
plugin.artefact-key
projector.shard-count projector.shard-id projector.shards
server.host server.port
shutdown.drain
system-pool.drain system-pool.pools system-pool.server-url system-pool.slots system-pool.token
worker.drain worker.pools worker.server-url worker.slots worker.token
{{- end -}}

{{/* Everything that values must have and the schema cannot see, in one message. */}}
{{- define "noetl.check" -}}
{{- $faults := list -}}
{{- if not .Values.database.host -}}
{{- $faults = append $faults "database.host: Expected the host of PostgreSQL, but it is empty" -}}
{{- end -}}
{{- if not .Values.database.existingSecret -}}
{{- $faults = append $faults "database.existingSecret: Expected the name of a Secret with the password, but it is empty" -}}
{{- end -}}
{{- if not .Values.nats.url -}}
{{- $faults = append $faults "nats.url: Expected an address such as nats://nats.example.com:4222, but it is empty" -}}
{{- end -}}
{{- if and (ne .Values.nats.login "none") (not .Values.nats.existingSecret) -}}
{{- $faults = append $faults (printf "nats.existingSecret: Expected the name of a Secret where nats.login is %s, but it is empty" .Values.nats.login) -}}
{{- end -}}
{{- if and (eq .Values.nats.login "user") (not .Values.nats.user) -}}
{{- $faults = append $faults "nats.user: Expected a user where nats.login is user, but it is empty" -}}
{{- end -}}
{{- if and (ne .Values.auth.mode "off") (not .Values.auth.existingSecret) -}}
{{- $faults = append $faults "auth.existingSecret: Expected the name of a Secret with tokens.json, worker-token and system-pool-token where auth.mode is not off, but it is empty" -}}
{{- end -}}
{{- if and (eq .Values.auth.mode "off") (not .Values.auth.allowAnonymous) -}}
{{- $faults = append $faults "auth.allowAnonymous: Expected true where auth.mode is off (everybody who reaches the service may do everything), but it is false" -}}
{{- end -}}
{{- if .Values.worker.jobs.enabled -}}
{{- if not .Values.worker.jobs.namespace -}}
{{- $faults = append $faults "worker.jobs.namespace: Expected a namespace for jobs, but it is empty" -}}
{{- end -}}
{{- $namespaces := append .Values.worker.jobs.furtherNamespaces .Values.worker.jobs.namespace -}}
{{- if has .Release.Namespace $namespaces -}}
{{- $faults = append $faults (printf "worker.jobs: Expected other namespaces than the release's own, but got %s: pods there can read its Secrets" .Release.Namespace) -}}
{{- end -}}
{{- range .Values.worker.jobs.readableSecrets -}}
{{- if not (has (first (splitList "/" .)) $namespaces) -}}
{{- $faults = append $faults (printf "worker.jobs.readableSecrets: Expected Secrets of %s, but got %s" (join ", " $namespaces) .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $owned := splitList " " (include "noetl.owned" . | replace "\n" " ") -}}
{{- $places := dict "settings" .Values.settings -}}
{{- range $role := list "server" "publisher" "projector" "worker" "systemPool" -}}
{{- $_ := set $places (printf "%s.settings" $role) (index $.Values $role "settings") -}}
{{- end -}}
{{- range $place, $settings := $places -}}
{{- range $key, $_ := $settings -}}
{{- if has $key $owned -}}
{{- $faults = append $faults (printf "%s: Expected no %s, but there is one: it comes from a Secret, or another value of the chart stands for it" $place $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $faults -}}
{{- fail (printf "\n  %s\n" (join "\n  " $faults)) -}}
{{- end -}}
{{- end -}}

{{/* Settings of all roles, as variables; no secrets. */}}
{{- define "noetl.settings" -}}
{{- $all := dict -}}
{{- range $key, $value := .Values.settings -}}
{{- $_ := set $all (include "noetl.variable" $key) (include "noetl.text" $value) -}}
{{- end -}}
{{- range $name, $value := $all }}
{{ $name }}: {{ $value | quote }}
{{- end }}
NOETL_PROJECTOR_SHARD_COUNT: {{ .Values.projector.shards | quote }}
{{- end -}}

{{/* How to reach PostgreSQL. The migration runs before there is a ConfigMap, hence here. */}}
{{- define "noetl.databaseEnv" -}}
- {name: NOETL_DATABASE_HOST, value: {{ .Values.database.host | quote }}}
- {name: NOETL_DATABASE_PORT, value: {{ .Values.database.port | quote }}}
- {name: NOETL_DATABASE_NAME, value: {{ .Values.database.name | quote }}}
- {name: NOETL_DATABASE_USER, value: {{ .Values.database.user | quote }}}
- {name: NOETL_DATABASE_SSL_MODE, value: {{ .Values.database.sslMode | quote }}}
- name: NOETL_DATABASE_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .Values.database.existingSecret | quote }}, key: {{ .Values.database.passwordKey | quote }}}}
{{- end -}}

{{- define "noetl.natsEnv" -}}
- {name: NOETL_BUS_URL, value: {{ .Values.nats.url | quote }}}
- {name: NOETL_BUS_REPLICAS, value: {{ .Values.nats.replicas | quote }}}
{{- if eq .Values.nats.login "credentials" }}
- {name: NOETL_BUS_CREDENTIALS_FILE, value: /etc/noetl/nats/credentials}
{{- else if ne .Values.nats.login "none" }}
{{- if eq .Values.nats.login "user" }}
- {name: NOETL_BUS_USER, value: {{ .Values.nats.user | quote }}}
{{- end }}
- name: {{ eq .Values.nats.login "user" | ternary "NOETL_BUS_PASSWORD" "NOETL_BUS_TOKEN" }}
  valueFrom: {secretKeyRef: {name: {{ .Values.nats.existingSecret | quote }}, key: {{ .Values.nats.secretKey | quote }}}}
{{- end }}
{{- end -}}

{{- define "noetl.internalTokenEnv" -}}
- name: NOETL_AUTH_INTERNAL_TOKEN
  valueFrom: {secretKeyRef: {name: {{ include "noetl.keysSecret" . | quote }}, key: internal-token}}
{{- end -}}

{{- define "noetl.metricsEnv" -}}
- {name: NOETL_METRICS_HOST, value: 0.0.0.0}
- {name: NOETL_METRICS_PORT, value: {{ .Values.ports.metrics | quote }}}
{{- end -}}

{{/* What a pool is told: (dict "root" $ "section" "WORKER" "pool" .Values.worker "tokenKey" "worker-token") */}}
{{- define "noetl.poolEnv" -}}
- {name: NOETL_{{ .section }}_SERVER_URL, value: "http://{{ include "noetl.fullname" .root }}-server:{{ .root.Values.ports.api }}"}
- {name: NOETL_{{ .section }}_POOLS, value: {{ join "," .pool.pools | quote }}}
- {name: NOETL_{{ .section }}_SLOTS, value: {{ .pool.slots | quote }}}
- {name: NOETL_{{ .section }}_DRAIN, value: "{{ .pool.drainSeconds }}s"}
{{- if ne .root.Values.auth.mode "off" }}
- name: NOETL_{{ .section }}_TOKEN
  valueFrom: {secretKeyRef: {name: {{ .root.Values.auth.existingSecret | quote }}, key: {{ .tokenKey }}}}
{{- end }}
{{- end -}}

{{- define "noetl.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "noetl.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/*
The pod of a role:
(dict "root" $ "role" "worker" "own" .Values.worker "env" (include …) "port" "metrics" "grace" 50 "serviceAccount" "…")
*/}}
{{- define "noetl.pod" -}}
{{- $root := .root -}}
{{- $own := .own -}}
{{- $nats := ne .role "server" -}}
metadata:
  labels:
    {{- include "noetl.selector" . | nindent 4 }}
  annotations:
    # Pods are replaced when a setting changes.
    checksum/settings: {{ include "noetl.settings" $root | sha256sum }}
    {{- with $own.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ .serviceAccount }}
  automountServiceAccountToken: {{ .clusterAccess | default false }}
  # Variables that Kubernetes makes for services could have the names of settings.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .grace }}
  securityContext:
    {{- include "noetl.podSecurity" $root | nindent 4 }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $root.Values.topologyKeys }}
  topologySpreadConstraints:
    {{- range . }}
    - topologyKey: {{ . }}
      maxSkew: 1
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "noetl.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .role }}
      image: {{ include "noetl.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: ["--mode={{ .role }}"]
      ports:
        - {name: {{ .port }}, containerPort: {{ index $root.Values.ports .port }}}
      envFrom:
        - configMapRef: {name: {{ include "noetl.fullname" $root }}-settings}
      env:
        {{- .env | nindent 8 }}
        {{- range $key, $value := $own.settings }}
        - {name: {{ include "noetl.variable" $key }}, value: {{ include "noetl.text" $value | quote }}}
        {{- end }}
        {{- with $own.javaOptions }}
        - {name: JDK_JAVA_OPTIONS, value: {{ . | quote }}}
        {{- end }}
        {{- with $own.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      # A role waits for the database for database.start-timeout (1m) and then ends by itself.
      startupProbe:
        httpGet: {path: /livez, port: {{ .port }}}
        periodSeconds: 2
        failureThreshold: 90
      livenessProbe:
        httpGet: {path: /livez, port: {{ .port }}}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: {{ .port }}}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      {{- if eq .role "server" }}
      # The service stops sending requests before the server refuses them.
      lifecycle:
        preStop: {exec: {command: [sleep, "5"]}}
      {{- end }}
      resources:
        {{- toYaml $own.resources | nindent 8 }}
      securityContext:
        {{- include "noetl.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
        - {name: data, mountPath: /data}
        {{- if and (eq .role "server") (ne $root.Values.auth.mode "off") }}
        - {name: tokens, mountPath: /etc/noetl/tokens, readOnly: true}
        {{- end }}
        {{- if and $nats (eq $root.Values.nats.login "credentials") }}
        - {name: nats, mountPath: /etc/noetl/nats, readOnly: true}
        {{- end }}
        {{- with $own.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - {name: tmp, emptyDir: {}}
    - {name: data, emptyDir: {}}
    {{- if and (eq .role "server") (ne $root.Values.auth.mode "off") }}
    - name: tokens
      secret:
        secretName: {{ $root.Values.auth.existingSecret }}
        items: [{key: tokens.json, path: tokens.json}]
    {{- end }}
    {{- if and $nats (eq $root.Values.nats.login "credentials") }}
    - name: nats
      secret:
        secretName: {{ $root.Values.nats.existingSecret }}
        items: [{key: {{ $root.Values.nats.secretKey | quote }}, path: credentials}]
    {{- end }}
    {{- with $own.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $own.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $own.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* A Deployment around that pod; the same arguments, and "replicas" (0: an autoscaler decides). */}}
{{- define "noetl.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "noetl.fullname" .root }}-{{ .role }}
  labels:
    {{- include "noetl.labels" . | nindent 4 }}
spec:
  {{- if not (dig "autoscaling" "enabled" false .own) }}
  replicas: {{ .own.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "noetl.selector" . | nindent 6 }}
  # A new pod is ready before an old one ends; both versions may run side by side.
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  template:
    {{- include "noetl.pod" . | nindent 4 }}
{{- end -}}
