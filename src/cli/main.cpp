#include <tusk/tusk.hpp>
#include <fmt/core.h>
int main(int c,char**v){ using namespace tusk; auto d=read_dataset(v[1]); fmt::print("{} {} {}\n",d.users.size(),d.items.size(),d.size());
 auto b=make_backend(); Split s=make_split(d,parse_split(v[2]),1); auto r=cross_validate(*b,d,s,{},{}); double m=0; for(auto&f:r){fmt::print("{} {}\n",f.metrics.all.rmse(),f.epochs); m+=f.metrics.all.rmse()/double(r.size());} fmt::print("{}\n",m);(void)c;}
