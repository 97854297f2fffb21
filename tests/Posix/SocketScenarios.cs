namespace RedLeafSharp.Tests.Posix;

/// <summary>Scenarios of socket calls, by name. All sockets are non-blocking; "wait" waits for what the network does by itself.</summary>
internal static class SocketScenarios
{
    private const string Connected = "socket l inet stream; bind l lo:0; port l P; listen l 5; socket c inet stream; connect c lo:P; "
        + "wait l in; accept s l; wait c out; getopt c error; ";

    private const string Connected6 = "socket l inet6 stream; bind l lo6:0; port l P; listen l 5; socket c inet6 stream; connect c lo6:P; "
        + "wait l in; accept s l; wait c out; getopt c error; ";

    private const string UnixConnected = "socket l unix stream; bind l unix:s; listen l 5; socket c unix stream; connect c unix:s; accept s l; ";

    internal static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>
    {
        ["socket"] = "socket a inet stream; socket a inet stream 6; socket a inet stream 17; socket a inet dgram; socket a inet dgram 17; "
            + "socket a inet dgram 6; socket a none stream; socket a inet nine; socket a inet raw; socket a inet raw 1; socket a unix stream 1; "
            + "socket a unix stream 7; socket a unix nine; pair a b stream; pair a b dgram; pair a b nine",
        ["not sockets"] = "pipe r w; bind r lo:0; listen r 1; accept a r; connect r lo:1; send w x; recv r 1; shutdown r rd; getname r; getpeer r; "
            + "getopt r type; setopt r reuse 1; listen 99 1; accept a 99; getname 99; poll 99 in; poll r in,out; poll w in,out",
        ["stream fresh"] = "socket a inet stream; getname a; getpeer a; poll a in,out; send a x; recv a 1; shutdown a rd; shutdown a wr; accept b a; "
            + "getopt a error; getopt a type; getopt a accepting; getopt a domain; getopt a protocol",
        ["stream bind"] = "socket a inet stream; bind a lo:0; port a P; getname a; bind a lo:0; socket b inet stream; bind b lo:P; bind b any:P; bind b two:P; "
            + "getname b; socket c inet stream; bind c far:0; setopt c reuse 1; bind c lo:P; setopt a reuse 1; bind c lo:P; listen a 1; listen c 1",
        ["stream connect"] = "socket l inet stream; bind l lo:0; port l P; socket c inet stream; connect c lo:P; wait c in,out; connect c lo:P; connect c lo:P; "
            + "socket d inet stream; listen l 1; listen l 2; getopt l accepting; poll l in,out; accept s l; connect d lo:P; wait d out; connect d lo:P; connect d lo:P; "
            + "getname d; wait l in; getpeer d; accept s l; getname s; getopt s accepting; connect l lo:P; send l x; recv l 1",
        ["stream refused"] = "socket l inet stream; bind l lo:0; port l P; socket c inet stream; connect c lo:P; wait c in,out,rdhup; getopt c error; getopt c error; "
            + "poll c in,out,rdhup; send c x; recv c 1; getpeer c",
        ["stream data"] = Connected + "poll c in,out; poll s in,out; recv s 1; send c hello; wait s in; recv s 2; recv s 9 peek; recv s 9; recv s 9; send s EMPTY; "
            + "send s abc; wait c in; recv c 9; recv c 0; getopt c nodelay; setopt c nodelay 1; getopt c nodelay",
        ["stream half close"] = Connected + "shutdown c wr; wait s in,rdhup; poll s in,out,rdhup,hup; recv s 1; recv s 1; send c x; send s more; wait c in; recv c 9; "
            + "shutdown s wr; wait c rdhup; recv c 1; poll c in,out,rdhup; poll s in,out,rdhup; close c; close s",
        ["stream shut read"] = Connected + "shutdown s rd; poll s in,out,rdhup; recv s 1; send c x; wait c out; getname s; shutdown s rd; shutdown s wr; poll s in,out,rdhup",
        ["stream close"] = Connected + "send c bye; close c; wait s rdhup; recv s 9; recv s 9; recv s 9; poll s in,out,rdhup; getpeer s",
        ["stream close unread"] = Connected + "send s lost; wait c in; close c; wait s err,hup; poll s in,out,rdhup; recv s 1; recv s 1; send s x; poll s in,out,rdhup; getpeer s",
        ["stream reset"] = Connected + "setopt c linger 0; getopt c linger; close c; wait s err,hup; getopt s error; getopt s error; recv s 1; send s x",
        ["stream reset told by send"] = Connected + "setopt c linger 0; close c; wait s err,hup; send s x; send s x; recv s 1",
        ["stream write after close"] = Connected + "close c; wait s rdhup; send s x; wait s err,hup; send s x; send s x",
        ["stream full"] = Connected + "fill c; poll c out; poll s in; drain s; wait c out; send c x",
        ["stream listener closes"] = "socket l inet stream; bind l lo:0; port l P; listen l 5; socket c inet stream; connect c lo:P; wait c out; close l; "
            + "wait c err,hup; recv c 1; recv c 1",
        ["stream rebind"] = Connected + "close s; wait c rdhup; close c; close l; socket n inet stream; bind n lo:P; setopt n reuse 1; bind n lo:P; listen n 1",
        ["dgram fresh"] = "socket a inet dgram; getname a; getpeer a; poll a in,out; send a x; recv a 1; shutdown a rd; listen a 1; accept b a; getopt a type; "
            + "getopt a accepting; getopt a error; getopt a protocol",
        ["dgram data"] = "socket a inet dgram; bind a lo:0; port a P; socket b inet dgram; bind b lo:0; port b Q; sendto b hello lo:P; wait a in; recvfrom a 9; "
            + "sendto a EMPTY lo:Q; wait b in; recvfrom b 9; sendto b longer lo:P; wait a in; recv a 3; recv a 3; sendto b xyz lo:P; wait a in; recv a 9 peek; length a 1; recv a 1",
        ["dgram connect"] = "socket a inet dgram; bind a lo:0; port a P; socket b inet dgram; connect b lo:P; getpeer b; getname b; send b hi; wait a in; recv a 9; "
            + "socket c inet dgram; bind c lo:0; port c R; connect b lo:R; getpeer b; send b yo; wait c in; recv c 9; poll a in; connect b lo:R",
        ["dgram refused"] = "socket a inet dgram; bind a lo:0; port a P; close a; socket b inet dgram; connect b lo:P; send b x; wait b err; poll b in,out; send b x; "
            + "poll b in,out; wait b err; recv b 1; send b x; wait b err; getopt b error; getopt b error",
        ["dgram bind"] = "socket a inet dgram; bind a lo:0; port a P; bind a lo:0; socket b inet dgram; bind b lo:P; bind b any:P; bind b two:P; socket c inet dgram; bind c far:0; "
            + "sendto c x far:0; sendto c x lo:0",
        ["dgram too long"] = "socket a inet dgram; bind a lo:0; port a P; socket b inet dgram; connect b lo:P; big b 65507; big b 65508; wait a in; length a 1",
        ["options"] = "socket a inet stream; getopt a reuse; setopt a reuse 1; getopt a reuse; setopt a keepalive 1; getopt a keepalive; getopt a linger; "
            + "setopt a linger 5; getopt a linger; setopt a linger -1; getopt a linger; socket b inet dgram; getopt b broadcast; setopt b broadcast 1; getopt b broadcast; "
            + "getopt b ttl; setopt b ttl 9; getopt b ttl; setopt b ttl 256; setopt b ttl -1; getopt b ttl",
        ["options of streams"] = "socket a inet stream; getopt a oobinline; setopt a oobinline 1; getopt a oobinline; getopt a cork; setopt a cork 1; getopt a cork; "
            + "getopt a reuseport; setopt a reuseport 1; getopt a reuseport; setopt a keepidle 5; getopt a keepidle; setopt a keepidle 0; setopt a keepintvl 7; "
            + "getopt a keepintvl; setopt a keepcnt 3; getopt a keepcnt; setopt a keepcnt 0; getopt a usertimeout; setopt a usertimeout 1500; getopt a usertimeout; setopt a usertimeout 0; setopt a usertimeout -1; getopt a usertimeout; "
            + "getopt a tos; setopt a tos 19; getopt a tos; getopt a rcvtimeo; setopt a rcvtimeo 1500; getopt a rcvtimeo; setopt a sndtimeo 20; getopt a sndtimeo",
        ["options of groups"] = "socket a inet dgram; getopt a mttl; setopt a mttl 7; getopt a mttl; setopt a mttl 256; setopt a mttl -1; getopt a mttl; getopt a mloop; "
            + "setopt a mloop 0; getopt a mloop; getopt a mall; setopt a mall 2; setopt a mall 0; getopt a mall; setopt a tos 19; getopt a tos; multicast a 1; multicast a 99; "
            + "join a 1; join a 1; leave a 1; leave a 1; join a 99; socket s inet stream; getopt s oobinline",
        ["timeouts"] = "socket a inet dgram; bind a lo:0; setopt a rcvtimeo 30; block a; recv a 1; pair c d stream; setopt c rcvtimeo 30; block c; recv c 1; setopt c sndtimeo 30; fill c",
        ["linger"] = Connected + "block c; setopt c linger 5; send c bye; close c; wait s rdhup; recv s 9; recv s 9",
        ["urgent"] = Connected + "sendoob c abc; wait s pri; poll s in,pri; getopt s atmark; getopt s inq; recv s 9 oob; poll s in,pri; recv s 9 oob; recv s 9; getopt s atmark; "
            + "recv s 9; send c de; wait s in; recv s 9; getopt s atmark; recv s 9 oob",
        ["urgent unread"] = Connected + "setopt c nodelay 1; sendoob c ab; wait s pri; recv s 1; getopt s atmark; send c cd; sendoob c e; wait s in; recv s 9; getopt s atmark; wait s pri; recv s 9 oob; recv s 1",
        ["urgent peeked"] = Connected + "sendoob c ab; wait s pri; recv s 9 peek; recv s 9; send c c; wait s in; recv s 9 peek; recv s 9",
        ["urgent inline"] = Connected + "setopt s oobinline 1; sendoob c abc; wait s pri; recv s 9 oob; recv s 9; getopt s atmark; recv s 9; getopt s atmark",
        ["urgent elsewhere"] = "socket a inet dgram; bind a lo:0; port a P; connect a lo:P; sendoob a x; recv a 1 oob",
        ["groups"] = "socket a inet dgram; setopt a reuse 1; bind a any:0; port a P; join a 1; socket b inet dgram; setopt b reuse 1; bind b any:P; socket c inet dgram; multicast c 1; "
            + "sendto c one grp:P; wait a in; recv a 9; wait b in; recv b 9; setopt b mall 0; sendto c two grp:P; wait a in; recv a 9; poll b in; leave a 1; sendto c three grp:P; poll a in",
        ["shared ports"] = "socket a inet stream; setopt a reuseport 1; bind a lo:0; port a P; listen a 5; socket b inet stream; bind b lo:P; setopt b reuseport 1; bind b lo:P; listen b 5; "
            + "socket c inet dgram; setopt c reuseport 1; bind c lo:0; port c Q; socket d inet dgram; bind d lo:Q; setopt d reuseport 1; bind d lo:Q; socket e inet dgram; "
            + "setopt e reuse 1; bind e lo:0; port e R; socket f inet dgram; setopt f reuse 1; bind f lo:R; socket g inet dgram; sendto g last lo:R; wait f in; poll e in",
        ["rights"] = "pair a b stream; pipe r w; sendfd a x w; recvfd b 9 v; write v hi; read r 9; close w; close v; read r 1; recvfd b 9 q",
        ["rights between data"] = "pair a b stream; pipe r w; send a one; sendfd a two r w; send a three; recvfd b 99 p q; recvfd b 99 t; close r; close w; write q end; read p 9",
        ["rights unwanted"] = "pair a b stream; pipe r w; sendfd a x w; close w; recv b 9; read r 1; pipe p q; sendfd a y p q; recvfd b 9 one; sendfd a z 99; recvfd b 9 none",
        ["rights in datagrams"] = "pair a b dgram; pipe r w; sendfd a x w; sendfd a y r; close w; recvfd b 9 v; write v hi; recvfd b 9 s; read s 9; sendfd a z r; close b; read r 1; close v; read r 1",
        ["rights of a socket"] = "pair a b stream; pair c d stream; sendfd a x c; close c; recvfd b 9 e; send d hello; recv e 9; close d; recv e 9",
        ["sendfile"] = "file f f 10 r; file g g 0 rw; sendfile g f 4; at f; at g; sendfile g f 100; at f; sendfile g f 5; sendfile g f 3 2; at f; at g; sendfile g f 5 10; "
            + "sendfile g f 5 999; sendfile g f 0; sendfile g f 0 3; sendfile g f -1; sendfile g f 5 -1; sendfile g f -1 -1; seek g 0; read g 99; seek f 20; sendfile g f 5; at f; "
            + "seek g 100; sendfile g f 3 0; at g; sendfile g f 1 9223372036854775807",
        ["sendfile of what cannot"] = "file f f 10 r; file g g 0 rw; file w w 10 w; file a a 3 a; pipe r v; pair s t stream; open d . r; open p f p; sendfile g 99 1; sendfile 99 f 1; "
            + "sendfile 99 99 1; sendfile g w 1; sendfile f g 1; sendfile g r 1; sendfile g r 1 0; sendfile g s 1; sendfile g s 1 0; sendfile a f 1; sendfile a f 1 0; sendfile a f 0; "
            + "sendfile g d 1; sendfile g d 1 0; sendfile g p 1; sendfile p f 1; sendfile r f 1; sendfile 99 r 1 0; sendfile 99 r 1; sendfile a r 1; sendfile 99 f 1 -1; sendfile g r 1 -1; "
            + "sendfile a 99 1; sendfile 99 f -1; sendfile g w -1",
        ["sendfile within a file"] = "file f f 10 rw; sendfile f f 4; at f; sendfile f f 3 0; at f; open g f rw; seek g 4; sendfile g f 9 4; at g; sendfile g f 2 0; at g; seek f 0; read f 99",
        ["sendfile to a pipe"] = "file f f 100000 r; pipe r w; sendfile w f 10; at f; read r 99; sendfile w f 4096 0; read r 3; read r 9999; at f; seek f 0; sendfile w f 100000; at f; "
            + "poll w out; sendfile w f 1; at f; read r 30; read r 65536; sendfile w f 5 100000; sendfile w f 7; read r 9; sendfile w f 4 99998; read r 9; close r; sendfile w f 1; "
            + "at f",
        ["sendfile to a stream"] = Connected + "file f f 5000 r; sendfile c f 3; wait s in; recv s 9; at f; sendfile c f 4 1; wait s in; recv s 9; at f; sendfile c f 5 5000; "
            + "sendfile s f 2; wait c in; recv c 9; shutdown c wr; sendfile c f 1; at f; sendfile c f 1 5000; wait s rdhup; recv s 1; sendfile s f 4 9; wait c in; recv c 9",
        ["sendfile to a full stream"] = Connected + "file f f 300000 r; sendall c f; poll c out; sendfile c f 9; at f; drain s; wait c out; sendfile c f 1; at f",
        ["sendfile to a lost stream"] = Connected + "file f f 5000 r; close c; wait s rdhup; sendfile s f 1; wait s err,hup; sendfile s f 1; sendfile s f 1; at f; socket a inet stream; sendfile a f 1; "
            + "setopt l linger 0; socket b inet dgram; sendfile b f 1; at f",
        ["sendfile to unix"] = "pair a b stream; file f f 30 r; sendfile a f 4; recv b 9; sendfile a f 9 1; recv b 99; sendall a f; sendfile a f 9; at f; close b; sendfile a f 1 0; "
            + "pair c d dgram; sendfile c f 4; recv d 9; sendfile c f 4 9; recv d 9; at f; close d; sendfile c f 1",
        ["sendfile to dgram"] = "socket a inet dgram; bind a lo:0; port a P; socket b inet dgram; connect b lo:P; file f f 30 r; sendfile b f 4; wait a in; recv a 9; sendfile b f 9 1; wait a in; "
            + "recv a 9; at f",
        ["v6 fresh"] = "socket a inet6 stream; getname a; getpeer a; getopt a v6only; getopt a domain; getopt a type; getopt a hops; socket b inet6 dgram; getname b; getpeer b; "
            + "getopt b v6only; setopt b hops 9; getopt b hops; setopt b hops 256; setopt b hops -1; getopt b hops; socket c inet stream; "
            + "bind a link6:0; bind a far6:0; bind b lo6:0; setopt b v6only 1",
        ["v6 stream"] = Connected6 + "getname c; getpeer c; getname s; getpeer s; send c hello; wait s in; recv s 9; send s back; wait c in; recv c 9; shutdown c wr; wait s rdhup; "
            + "recv s 1; close s; wait c rdhup; recv c 1; poll c in,out,rdhup",
        ["v6 dual"] = "socket l inet6 stream; bind l any6:0; port l P; listen l 5; socket c inet stream; connect c lo:P; wait l in; accept s l; getname s; getpeer s; getpeer c; "
            + "socket d inet6 stream; connect d map:P; wait l in; accept t l; getname d; getpeer d; getname t; send d x; wait t in; recv t 1; socket e inet6 stream; connect e any6:P; "
            + "wait l in; accept u l; getpeer e",
        ["v6 only"] = "socket l inet6 stream; setopt l v6only 1; getopt l v6only; bind l any6:0; port l P; listen l 5; socket c inet stream; connect c lo:P; wait c err,hup; getopt c error; "
            + "socket d inet stream; bind d any:P; listen d 1; socket e inet6 stream; setopt e v6only 1; connect e map:P; connect e lo6:P; wait e out; getpeer e; bind l lo6:0; setopt l v6only 0",
        ["v6 bind"] = "socket a inet6 stream; bind a any6:0; port a P; socket b inet stream; bind b lo:P; socket c inet6 stream; bind c map:P; setopt c v6only 1; bind c map:0; bind c lo6:P; "
            + "socket d inet6 stream; bind d lo6:0; port d Q; socket e inet stream; bind e lo:Q; bind e any:Q; listen e 1; socket f inet6 stream; bind f any6:Q",
        ["v6 refused"] = "socket l inet6 stream; bind l lo6:0; port l P; socket c inet6 stream; connect c lo6:P; wait c in,out,rdhup; getopt c error; getopt c error; send c x; recv c 1",
        ["v6 dgram"] = "socket a inet6 dgram; bind a lo6:0; port a P; socket b inet6 dgram; bind b lo6:0; port b Q; sendto b hello lo6:P; wait a in; recvfrom a 9; connect a lo6:Q; getpeer a; "
            + "getname a; send a yo; wait b in; recvfrom b 9; sendto b x map:P",
        ["v6 dgram dual"] = "socket a inet6 dgram; bind a any6:0; port a P; socket b inet dgram; bind b lo:0; port b Q; sendto b hi lo:P; wait a in; recvfrom a 9; sendto a yo map:Q; wait b in; "
            + "recvfrom b 9; connect a map:Q; getname a; getpeer a; socket c inet6 dgram; setopt c v6only 1; sendto c x map:P; connect c map:P; socket d inet dgram; bind d any:P",
        ["v6 dgram refused"] = "socket a inet6 dgram; bind a lo6:0; port a P; close a; socket b inet6 dgram; connect b lo6:P; send b x; wait b err; send b x; wait b err; getopt b error",
        ["v6 dgram too long"] = "socket a inet6 dgram; bind a lo6:0; port a P; socket b inet6 dgram; connect b lo6:P; big b 65527; big b 65528; wait a in; length a 1",
        ["unix stream"] = UnixConnected + "getname l; getname c; getpeer c; getname s; getpeer s; poll c in,out; send c hello; poll s in; recv s 2; recv s 9; recv s 1; "
            + "recvfrom c 1; send s x; recvfrom c 1; getopt c type; getopt c domain; getopt l accepting; close c; poll s in,out,rdhup; recv s 1; send s x",
        ["unix stream fresh"] = "socket a unix stream; getname a; getpeer a; poll a in,out; send a x; recv a 1; shutdown a rd; listen a 1; accept b a; connect a unix:none; "
            + "bind a unix:d/s; bind a unix:s; bind a unix:t; socket b unix stream; bind b unix:s; connect b unix:s; connect b abs:no",
        ["unix stream shutdown"] = UnixConnected + "send c last; shutdown c wr; poll s in,out,rdhup; recv s 9; recv s 9; send c x; send s back; recv c 9; shutdown s wr; "
            + "poll s in,out,rdhup; poll c in,out,rdhup; recv c 1",
        ["unix stream backlog"] = "socket l unix stream; bind l abs:q; listen l 0; socket a unix stream; connect a abs:q; socket b unix stream; connect b abs:q; "
            + "poll l in; accept s l; connect b abs:q; accept t l; accept u l; connect a abs:q; connect l abs:q",
        ["unix pair"] = "pair a b stream; getname a; getpeer a; send a x; send b yy; recv a 9; recv b 9; poll a in,out; close a; poll b in,out,rdhup; recv b 1; send b z",
        ["unix dgram"] = "socket a unix dgram; bind a unix:x; socket b unix dgram; sendto b hi unix:x; recvfrom a 9; bind b unix:y; sendto b yo unix:x; recvfrom a 9; "
            + "recv a 1; connect b unix:x; send b one; send b two; recv a 2; recv a 9; getpeer b; getpeer a; sendto b no unix:none; send a x; connect a unix:y; "
            + "socket c unix dgram; sendto c x unix:x; sendto c x unix:y; close a; send b x; send b x; listen b 1; accept d b",
        ["unix kinds"] = "socket a unix dgram; bind a unix:x; socket b unix stream; connect b unix:x; bind b unix:y; listen b 1; sendto a q unix:y; connect a unix:y",
        ["unix dgram pair"] = "pair a b dgram; send a one; send a EMPTY; send a two; recv b 9; recv b 9; recv b 9; recv b 9; poll b in,out; close a; send b x; send b x",
        ["unix dgram shutdown"] = "pair a b dgram; send a x; shutdown b rd; poll b in,out,rdhup; recv b 9; recv b 9; send a y; send b z; recv a 9; shutdown b wr; send b q; "
            + "poll b in,out,rdhup; getopt b error",
        ["epoll level"] = "epoll e; pair a b stream; ctl e add b in; ewait e; send a x; ewait e; ewait e; recv b 1; ewait e; ctl e mod b out; ewait e; ctl e del b; ewait e; "
            + "ctl e del b; ctl e mod b in; ctl e add b in; ctl e add b in; ctl e add e in; ctl e add 99 in; close a; ewait e; close b; ewait e",
        ["epoll edge"] = "epoll e; pair a b stream; ctl e add b in,et; ewait e; send a x; ewait e; ewait e; send a y; ewait e; recv b 9; ewait e; send a z; ewait e; ewait e",
        ["epoll oneshot"] = "epoll e; pair a b stream; ctl e add b in,oneshot; send a x; ewait e; ewait e; send a y; ewait e; ctl e mod b in,oneshot; ewait e; ewait e",
        ["epoll tcp"] = Connected + "epoll e; ctl e add s in,rdhup; ctl e add c in,out; ctl e add l in; ewait e; send c x; wait s in; ewait e; shutdown c wr; wait s rdhup; ewait e; "
            + "recv s 9; ewait e; close c; ewait e",
        ["poll pipes"] = "pipe r w; poll r in,out; poll w in,out; write w x; poll r in; read r 1; close w; poll r in; read r 1; pipe p q; close p; poll q in,out",
        ["epoll pipes"] = "pipe r w; epoll e; ctl e add r in; ctl e add w out,et; ewait e; ewait e; write w ab; ewait e; read r 9; ewait e; close w; ewait e",
    };
}
