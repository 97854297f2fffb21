namespace RedLeafSharp.Tests.Posix;

/// <summary>More scenarios of socket calls, by name: calls in an unusual order, names that are cut, options of no use.</summary>
internal static class SocketEdgeScenarios
{
    internal static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["names of listeners"] = "socket l unix stream; bind l abs:q; listen l 5; socket c unix stream; connect c abs:q; accept s l; getname s; close s; "
            + "socket d unix stream; connect d abs:q; socket e unix stream; bind e abs:q; close l; connect e abs:q; bind e abs:q",
        ["dgram bind after a port"] = "socket a inet dgram; bind a lo:0; port a P; socket b inet dgram; sendto b x lo:P; port b R; bind b any:0; getname b; "
            + "socket c inet dgram; connect c lo:P; bind c any:0; close b; socket d inet dgram; bind d lo:R; wait a in; recv a 9",
        ["dgram disconnect"] = "socket x inet dgram; bind x lo:0; port x X; socket a inet dgram; bind a any:0; port a P; connect a lo:X; getname a; "
            + "disconnect a; getpeer a; getname a",
        ["dgram disconnect of a port"] = "socket x inet dgram; bind x lo:0; port x X; socket y inet dgram; bind y any:0; port y Y; close y; socket a inet dgram; "
            + "bind a any:Y; connect a lo:X; getname a; disconnect a; getname a; getpeer a; socket b inet dgram; sendto b hi two:Y; "
            + "wait a in; recv a 9; bind a any:0; send a x; socket c inet dgram; bind c lo:Y",
        ["dgram disconnect of none"] = "socket x inet dgram; bind x lo:0; port x X; socket c inet dgram; connect c lo:X; port c R; getname c; disconnect c; "
            + "getname c; socket d inet dgram; bind d lo:R; bind c lo:0; disconnect c; connect c lo:X; send c hi; wait x in; recv x 9",
        ["dgram disconnect of an address"] = "socket x inet dgram; bind x lo:0; port x X; socket c inet dgram; bind c two:0; connect c lo:X; getname c; disconnect c; "
            + "getname c; bind c any:0; getname c",
        ["v6 dgram disconnect"] = "socket x inet dgram; bind x lo:0; port x X; socket y inet6 dgram; bind y lo6:0; port y Y; socket a inet6 dgram; "
            + "bind a any6:0; connect a map:X; getname a; disconnect a; connect a lo6:Y; getpeer a; send a hi; wait y in; recv y 9",
        ["raw bind"] = "socket a inet raw 17; bind a lo:5; bind a lo:5; bind a any:0; connect a lo:0; bind a lo:0; disconnect a; bind a lo:0",
        ["stream disconnect"] = "socket l inet stream; bind l lo:0; port l P; listen l 5; socket c inet stream; connect c lo:P; wait c out; disconnect c; "
            + "getpeer c; connect c lo:P; wait c out; disconnect l; getopt l accepting; accept s l; socket d inet stream; connect d lo:P; "
            + "wait d err,hup; getopt d error",
        ["sockets without signals"] = "socket a inet dgram; bind a lo:0; port a P; connect a lo:P; shutdown a wr; write a x; file f f 10 r; sendfile a f 5; "
            + "pair c d dgram; shutdown c wr; write c x; sendfile c f 5",
        ["select"] = "socket a inet stream; select - - a 20; select a - - 20; select - a - 20; select a a a 20; select 99 - - 0; select a 99 - 0; "
            + "pipe r w; select r - a 20; write w x; select r - a 20; select r,a w,a a 20; close w; select r r r 20; read r 1; "
            + "select r - r 0; select - - - 20; pair c d stream; close d; select - - c 20; select c c c 20",
        ["unix unread"] = "socket l unix stream; bind l unix:s; listen l 5; socket c unix stream; connect c unix:s; accept s l; send c hello; "
            + "send s backward; close s; poll c in,out,rdhup; recv c 99; recv c 99; recv c 99; getopt c error; send c x; getpeer c",
        ["unix unread told by an option"] = "pair a b stream; send a x; close b; send a y; getopt a error; getopt a error; recv a 1; poll a in,out",
        ["unix listener closes"] = "socket l unix stream; bind l unix:s; listen l 5; socket c unix stream; connect c unix:s; send c abc; close l; "
            + "poll c in,out,rdhup; recv c 9; recv c 9; send c x; getpeer c",
        ["unix listener shut"] = "socket l unix stream; bind l unix:s; listen l 5; socket c unix stream; connect c unix:s; shutdown l wr; poll l in,out,rdhup; "
            + "shutdown l rd; poll l in,out,rdhup; accept s l; accept s l; socket d unix stream; connect d unix:s",
        ["unix shut read"] = "pair a b stream; send a hello; shutdown b rd; poll b in,out,rdhup; recv b 2; recv b 9; recv b 9; send a x; "
            + "poll a in,out,rdhup",
        ["unix dgram of others"] = "pair a b dgram; socket c unix dgram; bind a unix:x; connect c unix:x; sendto c x unix:x; getpeer c; bind b unix:y; "
            + "connect c unix:y; socket d unix dgram; bind d unix:z; connect c unix:z; connect d unix:x; getpeer c; disconnect c; getpeer c",
        ["unix dgram closes unread"] = "socket a unix dgram; bind a unix:x; socket b unix dgram; connect b unix:x; send b hello; close a; getopt b error; "
            + "poll b in,out,rdhup; recv b 1; send b x; send b x",
        ["unix options"] = "socket a unix stream; getopt a keepalive; setopt a keepalive 1; getopt a keepalive; getopt a linger; setopt a linger 5; "
            + "getopt a linger; setopt a linger -1; getopt a linger; getopt a broadcast; setopt a broadcast 1; getopt a broadcast; "
            + "getopt a reuse; setopt a reuse 7; getopt a reuse; getopt a oobinline; setopt a oobinline 1; getopt a oobinline; "
            + "getopt a protocol; socket b unix dgram; setopt b broadcast 1; getopt b broadcast; setopt b keepalive 1; getopt b keepalive; "
            + "setopt b type 1; setopt b error 1; setopt b accepting 1; setopt b domain 1",
        ["unix fresh shut"] = "socket b unix stream; recv b 1; send b x; shutdown b rd; recv b 1; poll b in,out,rdhup; shutdown b wr; poll b in,out,rdhup",
        ["options of no use"] = "socket a inet stream; getopt a broadcast; setopt a broadcast 1; getopt a broadcast; socket b inet dgram; getopt b keepalive; "
            + "setopt b keepalive 1; getopt b keepalive; setopt b linger 3; getopt b linger; setopt b oobinline 1; getopt b oobinline",
        ["stream ttl"] = "socket l inet stream; getopt l ttl; setopt l ttl 9; getopt l ttl; setopt l ttl 256; setopt l ttl 0; setopt l ttl -1; "
            + "getopt l ttl; setopt l ttl 255; getopt l ttl; setopt l ttl 7; bind l lo:0; port l P; listen l 5; socket c inet stream; "
            + "connect c lo:P; wait l in; accept s l; getopt s ttl; getopt c ttl; setopt c ttl 3; send c hi; wait s in; recv s 9; "
            + "getopt c ttl; getopt s ttl",
        ["stream hops"] = "socket a inet6 stream; getopt a hops; setopt a hops 9; getopt a hops; setopt a hops 256; setopt a hops -2; setopt a hops -1; "
            + "getopt a hops",
        ["stream listener shut"] = "socket l inet stream; bind l lo:0; port l P; listen l 5; shutdown l wr; getopt l accepting; shutdown l rd; "
            + "getopt l accepting; poll l in,out,rdhup; accept s l",
        ["stream shut twice"] = "socket l inet stream; bind l lo:0; port l P; listen l 5; socket c inet stream; connect c lo:P; wait l in; accept s l; "
            + "wait c out; shutdown c wr; shutdown c wr; getpeer c; shutdown s rdwr; wait c rdhup; getpeer c; shutdown c wr; shutdown c rd; "
            + "getpeer s; shutdown s wr; poll c in,out,rdhup",
        ["stream listen"] = "socket l inet stream; bind l lo:0; port l P; listen l 5; listen l 3; connect l lo:P; send l x; recv l 1; getpeer l; "
            + "bind l lo:0; socket c inet stream; connect c lo:P; wait l in; accept s l; wait c out; listen c 1; listen s 1; bind c lo:0; "
            + "connect c lo:P; connect c lo:P; recv c 9 waitall",
        ["dgram empty"] = "socket a inet dgram; bind a lo:0; port a P; socket b inet dgram; connect b lo:P; send b EMPTY; wait a in; getopt a inq; "
            + "recvfrom a 9; recvfrom a 9; pair c d dgram; send c EMPTY; poll d in; recv d 9; recv d 9; pair e f stream; send e EMPTY; "
            + "poll f in; recv f 9; "
            + "send b abc; wait a in; read a 0; recv a 9; read a 0; read d 0; read f 0",
        ["dgram shut"] = "socket a inet dgram; bind a lo:0; port a P; shutdown a rd; poll a in,out,rdhup; shutdown a wr; send a x; sendto a x lo:P; "
            + "connect a lo:P; shutdown a rd; poll a in,out,rdhup; send a x; shutdown a wr; poll a in,out,rdhup",
        ["raw"] = "socket a inet raw 1; getopt a type; getopt a protocol; getopt a domain; getopt a hdrincl; setopt a hdrincl 1; "
            + "getopt a hdrincl; setopt a hdrincl 0; getopt a hdrincl; socket b inet raw 255; getopt b hdrincl; socket c inet dgram; "
            + "setopt c hdrincl 1; socket d inet stream; setopt d hdrincl 1",
        ["names cut"] = "socket a inet6 stream; connectcut a lo6:1 16; connectcut a lo6:1 23; connectcut a lo:1 16; connectcut a lo:1 2; "
            + "connectcut a lo:1 1; socket b inet6 dgram; connectcut b lo6:1 16; connectcut b lo6:1 23; socket c inet stream; "
            + "connectcut c lo:1 8; connectcut c lo6:1 16; connectcut c lo6:1 28; socket d inet dgram; connectcut d lo:1 8; "
            + "connectcut d lo6:1 28",
    };
}
